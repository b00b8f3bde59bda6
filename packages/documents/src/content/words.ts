import { diffArrays } from 'diff'

/** The limits of a comparison. */
export interface DiffBounds {
  /**
   * The most insertions and deletions in one text or list. With more of them, the whole text or list counts as
   * replaced.
   */
  readonly maxEdits: number
  /** Milliseconds for one text or list. */
  readonly timeoutMs: number
}

/** Characters of scripts that are written without spaces between words. */
const UNSPACED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}]'

/** A character of such a script, a word, an emoji with its modifiers, white space, or any other character. */
const TOKENS = new RegExp(
  [
    `${UNSPACED}\\p{M}*`,
    `(?:(?!${UNSPACED})[\\p{L}\\p{M}\\p{N}_'’])+`,
    '\\p{RI}\\p{RI}',
    '\\p{Extended_Pictographic}(?:\\p{EMod}|\\ufe0f|\\u200d\\p{Extended_Pictographic})*',
    '\\s+',
    '.',
  ].join('|'),
  'gsu',
)

/** Splits a text into words. The joined words are the text again. */
export const wordsOf = (text: string): string[] => text.match(TOKENS) ?? []

/** Neighbouring elements of two lists that are the same, or only in one of them. */
export interface Run {
  readonly type: 'same' | 'added' | 'removed'
  readonly count: number
}

/**
 * The shortest way from one list to the other. If that exceeds the bounds, everything between the common
 * ends counts as removed and added, and `isCut` is true.
 */
export function diffLists<T>(
  before: readonly T[],
  after: readonly T[],
  isSame: (a: T, b: T) => boolean,
  { maxEdits, timeoutMs }: DiffBounds,
): { readonly runs: readonly Run[]; readonly isCut: boolean } {
  const shorter = Math.min(before.length, after.length)
  const same = (b: number, a: number) => isSame(before[b] as T, after[a] as T)
  let prefix = 0
  while (prefix < shorter && same(prefix, prefix)) prefix++
  let suffix = 0
  while (suffix < shorter - prefix && same(before.length - 1 - suffix, after.length - 1 - suffix)) {
    suffix++
  }
  const middle = [
    before.slice(prefix, before.length - suffix),
    after.slice(prefix, after.length - suffix),
  ] as const
  const found = diffArrays<T>([...middle[0]], [...middle[1]], {
    comparator: isSame,
    maxEditLength: maxEdits,
    timeout: timeoutMs,
  })
  const runs: Run[] = found?.map(({ added, removed, value }) => ({
    type: added ? 'added' : removed ? 'removed' : 'same',
    count: value.length,
  })) ?? [
    { type: 'removed', count: middle[0].length },
    { type: 'added', count: middle[1].length },
  ]
  const all: Run[] = [{ type: 'same', count: prefix }, ...runs, { type: 'same', count: suffix }]
  return { runs: all.filter(({ count }) => count > 0), isCut: found === undefined }
}
