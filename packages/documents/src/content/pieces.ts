import { isSameValue } from 'y-electric/protocol'
import * as Y from 'yjs'

/**
 * A shared type. A root may not have its specific type yet, so this module does not require one.
 */
export type AnyType = Y.AbstractType<unknown>

/** Neighbouring units (characters, values, marks, nested types) of one living item. */
export interface Piece {
  readonly item: Y.Item
  readonly offset: number
  readonly length: number
}

/** The living items of a type's list, in order. */
export function* livingItems(type: AnyType): Generator<Y.Item> {
  for (let item = type._start; item !== null; item = item.right) if (!item.deleted) yield item
}

/** The current item of a key; null if there is none. */
export function livingEntry(type: AnyType, key: string): Y.Item | null {
  const item = type._map.get(key)
  return item === undefined || item.deleted ? null : item
}

/** The keys of a type that have a value. */
export const livingKeys = (type: AnyType): string[] =>
  [...type._map.keys()].filter((key) => livingEntry(type, key) !== null)

export const nestedType = ({ content }: Y.Item): AnyType | null =>
  content instanceof Y.ContentType ? content.type : null

const wholePieces = (type: AnyType): Piece[] =>
  [...livingItems(type)].map((item) => ({ item, offset: 0, length: item.length }))

const countUnits = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0)

/** How many units two runs of pieces have in common at their beginning, and then at their end. */
export function commonEnds(
  left: readonly Piece[],
  right: readonly Piece[],
): { readonly prefix: number; readonly suffix: number } {
  const shorter = Math.min(countUnits(left), countUnits(right))
  let prefix = commonUnits(unitsForward(left), unitsForward(right), shorter)
  if (isHighSurrogate(unitBefore(left, prefix))) prefix--
  let suffix = commonUnits(unitsBackward(left), unitsBackward(right), shorter - prefix)
  if (isLowSurrogate(unitBefore(left, countUnits(left) - suffix + 1))) suffix--
  return { prefix, suffix: Math.max(0, suffix) }
}

/** One unit of an item. */
export type Unit = readonly [item: Y.Item, index: number]

function commonUnits(left: Iterator<Unit>, right: Iterator<Unit>, atMost: number): number {
  for (let count = 0; count < atMost; count++) {
    const [a, b] = [left.next().value, right.next().value]
    if (a === undefined || b === undefined || !equalUnits(a, b)) return count
  }
  return atMost
}

function* unitsForward(pieces: readonly Piece[]): Generator<Unit, undefined> {
  for (const { item, offset, length } of pieces) {
    for (let index = offset; index < offset + length; index++) yield [item, index]
  }
}

function* unitsBackward(pieces: readonly Piece[]): Generator<Unit, undefined> {
  for (const { item, offset, length } of pieces.toReversed()) {
    for (let index = offset + length - 1; index >= offset; index--) yield [item, index]
  }
}

/** The UTF-16 code unit that ends after `count` units; an empty string if that unit is not text. */
function unitBefore(pieces: readonly Piece[], count: number): string {
  let left = count
  for (const { item, offset, length } of pieces) {
    if (left <= length) {
      const { content } = item
      return content instanceof Y.ContentString && left > 0
        ? content.str.charAt(offset + left - 1)
        : ''
    }
    left -= length
  }
  return ''
}

const isHighSurrogate = (unit: string): boolean => unit >= '\ud800' && unit <= '\udbff'
const isLowSurrogate = (unit: string): boolean => unit >= '\udc00' && unit <= '\udfff'

/** True if the content is the same, even if different clients wrote it. */
export function equalUnits([left, i]: Unit, [right, k]: Unit): boolean {
  const [a, b] = [left.content, right.content]
  if (a.constructor !== b.constructor) return false
  if (a instanceof Y.ContentString && b instanceof Y.ContentString) {
    return a.str.charCodeAt(i) === b.str.charCodeAt(k)
  }
  if (a instanceof Y.ContentFormat && b instanceof Y.ContentFormat) {
    return a.key === b.key && isSameValue(a.value, b.value)
  }
  if (a instanceof Y.ContentType && b instanceof Y.ContentType) return equalTypes(a.type, b.type)
  if (a instanceof Y.ContentDoc && b instanceof Y.ContentDoc) {
    return a.doc.guid === b.doc.guid && isSameValue(a.opts, b.opts)
  }
  return isSameValue(a.getContent()[i], b.getContent()[k])
}

/** True if two items of one unit each have the same content. */
export const equalItems = (left: Y.Item, right: Y.Item): boolean =>
  equalUnits([left, left.length - 1], [right, right.length - 1])

function equalTypes(left: AnyType, right: AnyType): boolean {
  if (!isSameKind(left, right)) return false
  const keys = livingKeys(left)
  if (keys.length !== livingKeys(right).length) return false
  for (const key of keys) {
    const [a, b] = [livingEntry(left, key), livingEntry(right, key)]
    if (a === null || b === null || !equalItems(a, b)) return false
  }
  const [a, b] = [wholePieces(left), wholePieces(right)]
  const units = countUnits(a)
  return units === countUnits(b) && commonUnits(unitsForward(a), unitsForward(b), units) === units
}

/** True if one type could be an edited version of the other. */
export const isSameKind = (left: AnyType, right: AnyType): boolean =>
  left.constructor === right.constructor && nameOf(left) === nameOf(right)

/** The name of an XML element or hook. */
function nameOf(type: AnyType): string {
  if (type instanceof Y.XmlElement) return type.nodeName
  return type instanceof Y.XmlHook ? type.hookName : ''
}

/** The units from `from` to `to` of a run of pieces. */
export function slicePieces(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const result: Piece[] = []
  let at = 0
  for (const { item, offset, length } of pieces) {
    const start = Math.max(from, at)
    const end = Math.min(to, at + length)
    if (start < end) result.push({ item, offset: offset + start - at, length: end - start })
    at += length
  }
  return result
}
