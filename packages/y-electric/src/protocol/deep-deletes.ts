import * as Y from 'yjs'

/**
 * True for the error of a stack overflow. V8 and JavaScriptCore throw a RangeError, SpiderMonkey an
 * InternalError.
 */
export const isTooDeep = (error: unknown): boolean =>
  error instanceof Error && /call stack|too much recursion/i.test(error.message)

/**
 * Deletes everything inside deleted types, the deepest first. Yjs does this by recursion, and
 * leaves a part of the content undeleted when types are nested deeper than the stack of a runtime.
 * Several rows together can nest types so deeply before a client deletes the outermost one.
 * @returns whether anything was left to delete
 */
export function finishDeletes(doc: Y.Doc): boolean {
  const left: { readonly item: Y.Item; readonly depth: number }[] = []
  const places = new Map<Y.AbstractType<unknown>, Place>()
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || struct.deleted) continue
      if (!(struct.parent instanceof Y.AbstractType)) continue
      const { isDeleted, depth } = placeOf(struct.parent, places)
      if (isDeleted) left.push({ item: struct, depth })
    }
  }
  if (left.length === 0) return false
  left.sort((one, other) => other.depth - one.depth)
  doc.transact((transaction) => {
    for (const { item } of left) item.delete(transaction)
  })
  return true
}

interface Place {
  readonly depth: number
  /** Whether the type or a type around it is deleted. */
  readonly isDeleted: boolean
}

const OUTSIDE: Place = { depth: 0, isDeleted: false }

/** @param places the known results of other types */
function placeOf(
  type: Y.AbstractType<unknown>,
  places: Map<Y.AbstractType<unknown>, Place>,
): Place {
  const unknown: Y.AbstractType<unknown>[] = []
  let place = OUTSIDE
  for (let at: Y.AbstractType<unknown> | null = type; at !== null; at = parentOf(at)) {
    const known = places.get(at)
    if (known !== undefined) {
      place = known
      break
    }
    unknown.push(at)
  }
  for (const one of unknown.reverse()) {
    place = { depth: place.depth + 1, isDeleted: place.isDeleted || one._item?.deleted === true }
    places.set(one, place)
  }
  return place
}

const parentOf = (type: Y.AbstractType<unknown>): Y.AbstractType<unknown> | null => {
  const parent = type._item?.parent
  return parent instanceof Y.AbstractType ? parent : null
}
