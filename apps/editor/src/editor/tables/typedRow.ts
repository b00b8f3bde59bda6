/** A part of a line of text, from one offset to another. */
export type Span = readonly [from: number, to: number]

/** The parts of a line that one cell consists of: more than one if a `\|` in it stands for a bar. */
export type TypedCell = readonly Span[]

const ROW = /^\s*\|.*\|\s*$/
const DELIMITER = /^\s*\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?)?\s*$/

/** True for the line below the header of a table in Markdown, such as `| --- | :-: |`. */
export const isDelimiterRow = (line: string): boolean => DELIMITER.test(line)

/** The cells of a line such as `| a | b |`, as Markdown writes the row of a table; null for any other line. */
export function cellsOf(line: string): readonly TypedCell[] | null {
  if (!ROW.test(line) || isDelimiterRow(line)) return null
  const cells: TypedCell[] = []
  let parts: Span[] = []
  let start = line.indexOf('|') + 1
  for (let at = start; at < line.length; at++) {
    if (line[at] !== '|') continue
    const isEscaped = line[at - 1] === '\\'
    parts.push([start, isEscaped ? at - 1 : at])
    start = isEscaped ? at : at + 1
    if (isEscaped) continue
    cells.push(trimmed(line, parts))
    parts = []
  }
  // The last bar is a character of the last cell.
  if (parts.length > 0) return null
  return cells.some((cell) => cell.length > 0) ? cells : null
}

/** Without the spaces around the words; empty parts are left out. */
function trimmed(line: string, parts: readonly Span[]): TypedCell {
  const last = parts.length - 1
  return parts
    .map(([from, to], index): Span => {
      const words = line.slice(from, to)
      const before = index === 0 ? words.length - words.trimStart().length : 0
      const after = index === last ? words.length - words.trimEnd().length : 0
      return [from + before, Math.max(from + before, to - after)]
    })
    .filter(([from, to]) => from < to)
}
