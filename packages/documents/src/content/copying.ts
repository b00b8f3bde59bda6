import * as Y from 'yjs'
import {
  type AnyType,
  livingEntry,
  livingItems,
  livingKeys,
  nestedType,
  type Piece,
} from './pieces.ts'

/** Inserts content after `left` (null: at the beginning) of a type's list. @returns the new item */
export function insertAfter(
  transaction: Y.Transaction,
  parent: AnyType,
  left: Y.Item | null,
  content: Y.Item['content'],
): Y.Item {
  const right = left === null ? parent._start : left.right
  return integrate(transaction, parent, null, left, right, content)
}

/** Sets a key of a type to a copy of what `entry` holds. */
export function setEntry(
  transaction: Y.Transaction,
  parent: AnyType,
  key: string,
  entry: Y.Item,
): void {
  const left = parent._map.get(key) ?? null
  // An entry is one unit: what the key held before, if the item is longer, is hidden by the last.
  const piece = { item: entry, offset: entry.length - 1, length: 1 }
  const item = integrate(transaction, parent, key, left, null, copyContent(piece))
  fillCopy(transaction, item, entry)
}

function integrate(
  transaction: Y.Transaction,
  parent: AnyType,
  key: string | null,
  left: Y.Item | null,
  right: Y.Item | null,
  content: Y.Item['content'],
): Y.Item {
  const { clientID, store } = transaction.doc
  const id = Y.createID(clientID, Y.getState(store, clientID))
  const origin = left?.lastId ?? null
  const item = new Y.Item(id, left, origin, right, right?.id ?? null, parent, key, content)
  item.integrate(transaction, 0)
  return item
}

/** A copy of a piece's own content. What a nested type holds is not in it yet. */
export function copyContent({ item, offset, length }: Piece): Y.Item['content'] {
  const whole = item.content.copy()
  const content = offset > 0 ? whole.splice(offset) : whole
  if (length < item.length - offset) content.splice(length)
  return content
}

/** Fills the nested type of a copied item, if it is one, with copies of all that is alive. */
export function fillCopy(transaction: Y.Transaction, copy: Y.Item, original: Y.Item): void {
  const [target, source] = [nestedType(copy), nestedType(original)]
  if (target === null || source === null) return
  for (const key of livingKeys(source)) {
    const entry = livingEntry(source, key)
    if (entry !== null) setEntry(transaction, target, key, entry)
  }
  let left: Y.Item | null = null
  for (const item of livingItems(source)) {
    left = insertAfter(transaction, target, left, copyContent(wholeOf(item)))
    fillCopy(transaction, left, item)
  }
}

const wholeOf = (item: Y.Item): Piece => ({ item, offset: 0, length: item.length })
