import { expect, test } from 'vitest'
import { logFailures } from './failureLog.ts'

test('failures of one kind are logged once per interval, with the count of the others', () => {
  const lines: string[] = []
  let now = 0
  const failed = logFailures(
    (line) => lines.push(line),
    () => now,
  )
  const refused = (host: string) => Object.assign(new Error(`no ${host}`), { code: '08006' })
  for (let i = 0; i < 10_000; i++) failed(refused(`host ${i}`))
  failed(new TypeError('a bug'))
  expect(lines).toEqual([
    'y-electric embedded: 08006: no host 0',
    'y-electric embedded: TypeError: a bug',
  ])
  now = 30_000
  failed(refused('host'))
  expect(lines[2]).toBe('y-electric embedded: 08006: no host (and 9999 more)')
})
