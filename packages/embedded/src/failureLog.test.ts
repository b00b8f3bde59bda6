import { expect, test } from 'vitest'
import { EmbeddedError } from './errors.ts'
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

test('failures of the service with different codes have lines of their own, and a closed service has none', () => {
  const lines: string[] = []
  const failed = logFailures((line) => lines.push(line))
  failed(new EmbeddedError('feed_down', 'lost'))
  failed(new EmbeddedError('storage_full', 'full'))
  failed(new EmbeddedError('closed', 'closed'))
  expect(lines).toEqual([
    'y-electric embedded: feed_down: lost',
    'y-electric embedded: storage_full: full',
  ])
})
