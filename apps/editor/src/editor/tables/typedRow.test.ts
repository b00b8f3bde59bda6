import { expect, test } from 'vitest'
import { cellsOf, isDelimiterRow } from './typedRow.ts'

const read = (line: string) =>
  cellsOf(line)?.map((cell) => cell.map(([from, to]) => line.slice(from, to)).join('')) ?? null

test.each<[string, string[]]>([
  ['| a | b |', ['a', 'b']],
  ['|a|b|', ['a', 'b']],
  ['  | Name |  Born in   | ', ['Name', 'Born in']],
  ['| a |', ['a']],
  ['| a | | c |', ['a', '', 'c']],
  ['| a \\| b | c |', ['a | b', 'c']],
  ['| --- | b |', ['---', 'b']],
])('%j is a row of a table', (line, cells) => {
  expect(read(line)).toEqual(cells)
})

test.each(['', '|', '||', '| |', 'a | b', '| a | b', 'a | b |', '| --- | --- |', '| a \\|'])(
  '%j is no row of a table',
  (line) => {
    expect(read(line)).toBe(null)
  },
)

test.each(['| --- | --- |', '|---|---|', '| :-: | -: |', '| - |', '--- | ---', ' | --- | '])(
  '%j is the line below a header',
  (line) => {
    expect(isDelimiterRow(line)).toBe(true)
  },
)

test.each(['---', '| a | --- |', '|  |', '', '| -- x |'])(
  '%j is no line below a header',
  (line) => {
    expect(isDelimiterRow(line)).toBe(false)
  },
)
