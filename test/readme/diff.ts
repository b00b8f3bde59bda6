/**
 * Applies a `diff` block of a page. Its hunks are separated by lines that begin with `@@`. The lines of a hunk that begin
 * with `-` or a space, and empty lines, occur once in the text; those that begin with `+` or a space replace them.
 * A block of `+` lines alone is the whole text of a new file.
 * @throws if the lines of a hunk do not occur, or more than once
 */
export function applyDiff(text: string, diff: string): string {
  const hunks = diff.split(/^@@.*\n/m)
  let lines: readonly string[] = linesOf(text)
  for (const hunk of hunks) lines = applyHunk(lines, linesOf(hunk))
  return lines.map((line) => `${line}\n`).join('')
}

/** How many lines `diff` blocks remove and add. */
export function changedLines(diffs: readonly string[]): { removed: number; added: number } {
  const lines = diffs.flatMap(linesOf)
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length
  return { removed: count('-'), added: count('+') }
}

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n')

function applyHunk(text: readonly string[], hunk: readonly string[]): readonly string[] {
  const side = (other: '+' | '-'): string[] =>
    hunk.filter((line) => !line.startsWith(other)).map((line) => line.slice(1))
  const [before, after] = [side('+'), side('-')]
  if (before.length === 0 && text.join('') === '') return after
  const places = text.flatMap((_, start) =>
    before.every((line, index) => text[start + index] === line) ? [start] : [],
  )
  const [start = 0] = places
  if (before.length === 0 || places.length !== 1) {
    throw new Error(`the lines of the hunk occur ${places.length} times:\n${hunk.join('\n')}`)
  }
  return [...text.slice(0, start), ...after, ...text.slice(start + before.length)]
}
