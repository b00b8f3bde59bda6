/**
 * Applies a `diff` block of a page: each line that begins with `-` occurs once in the text, and becomes the line
 * with `+` after it.
 * @throws if a line does not occur, or more than once
 */
export function applyDiff(text: string, diff: string): string {
  const lines = diff.split('\n')
  const removed = lines.flatMap((line) => (line.startsWith('-') ? [line.slice(1)] : []))
  const added = lines.flatMap((line) => (line.startsWith('+') ? [line.slice(1)] : []))
  const old = `${removed.join('\n')}\n`
  const found = text.split(old).length - 1
  if (removed.length === 0 || found !== 1) {
    throw new Error(`the lines of the diff occur ${found} times in the file:\n${diff}`)
  }
  return text.replace(old, () => `${added.join('\n')}\n`)
}
