import { expect, test } from 'vitest'
import { WriterNames } from './WriterNames.ts'

const stateOf = (name: string, color: string) => ({ user: { id: name, name, color } })

test('a writer who leaves keeps name and colour, and nothing changes without news', () => {
  const writers = new WriterNames(new Map())
  writers.see(new Map([[7, stateOf('Ada', '#c0453b')]]))
  writers.meet([7, 8])
  const { names } = writers
  expect(names.get(7)).toEqual({ id: 'name:Ada', name: 'Ada', color: '#c0453b' })
  writers.see(new Map())
  writers.meet([8, 7])
  expect(writers.names).toBe(names)
})

test('a writer whose name becomes known keeps the colour', () => {
  const writers = new WriterNames(new Map())
  writers.meet([30, 9])
  const before = writers.names.get(30)
  expect(before?.name).toBe('client 30')
  writers.keep([
    { clientId: 30, name: 'Bob', user: null, trusted: false, notedAt: '2026-01-02T03:04:05.000Z' },
  ])
  expect(writers.names.get(30)).toEqual({ id: 'name:Bob', name: 'Bob', color: before?.color })
})
