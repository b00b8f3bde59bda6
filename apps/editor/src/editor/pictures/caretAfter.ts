/**
 * The place of a caret in a text that another person has changed: it stays between the same letters.
 * @param caret the place in `before`
 */
export function caretAfter(before: string, after: string, caret: number): number {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  if (caret <= start) return caret
  let end = 0
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const fromEnd = before.length - caret
  return fromEnd <= end ? after.length - fromEnd : after.length - end
}
