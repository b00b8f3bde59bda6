import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../release/stage.ts'
import { readNotes, withTable } from './table.ts'

const page = () => readFile(path.join(root, 'docs/servers.md'), 'utf8')

test('the newest record of a server replaces its row, and the rows of other servers stay', async () => {
  const first = withTable(await page(), readNotes('Ada\t1.0.0\t2026-01-02\nBob\t7\t2026-01-02\n'))
  const second = withTable(first, readNotes('Ada\t2.0.0\t2026-03-04\nBob\t6\t2025-01-01\n'))
  expect(second).toContain('| Ada | 2.0.0 | 2026-03-04 |\n| Bob | 7 | 2026-01-02 |\n')
  expect(second).not.toContain('1.0.0')
  expect(withTable(second, [])).toBe(second)
})

test('a record in another format and a page without a place for the table are refused', async () => {
  expect(() => readNotes('Ada 1.0.0')).toThrow('not a record: Ada 1.0.0')
  expect(() => withTable('# A page', [])).toThrow('the page has no')
})

test('the table of the page equals the output of the command', async () => {
  expect(withTable(await page(), [])).toBe(await page())
})
