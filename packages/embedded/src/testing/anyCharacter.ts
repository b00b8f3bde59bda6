// Text with every character that Unicode can have.
import fc from 'fast-check'

const SURROGATES = { first: 0xd800, count: 0x800 }
const LAST = 0x10ffff - SURROGATES.count

const characterAt = (index: number): string =>
  String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count)

function indexOf(character: unknown): number {
  const point = String(character).codePointAt(0) ?? 0
  const index = point < SURROGATES.first ? point : Math.max(0, point - SURROGATES.count)
  if (characterAt(index) !== character) throw new Error('it is not one character')
  return index
}

/**
 * For `unit` of `fc.string`. `'binary'` makes the same characters, but fast-check builds a table of all of them
 * on the first use, which takes a second of CPU time in each worker.
 */
export const anyCharacter = fc.integer({ min: 0, max: LAST }).map(characterAt, indexOf)
