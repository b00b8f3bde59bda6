import type { WriterInfo } from '@y-electric/server'
import { expect, test } from 'vitest'
import { type Known, peopleAmong, peopleOf, writersInWords } from './clients.ts'

const kept = (clientId: number, name: string | null, more: Partial<WriterInfo> = {}) => ({
  clientId,
  name,
  user: null,
  trusted: false,
  notedAt: '2026-01-02T03:04:05.000Z',
  ...more,
})

const known = (change: Partial<Known>): Known => ({
  clients: [],
  seen: new Map(),
  kept: [],
  remembered: new Map(),
  ...change,
})

const namesOf = (change: Partial<Known>) =>
  [...peopleAmong(known(change)).values()].map(({ name }) => name)

test('a name stays when its writer has left: the server keeps it, or this device remembers it', () => {
  const clients = [1, 2, 3, 4]
  const names = namesOf({
    clients,
    kept: [kept(1, 'Ada'), kept(2, null, { user: 'bob@example.org' })],
    remembered: new Map([
      [1, 'Somebody else'],
      [3, 'Cem'],
    ]),
  })
  expect(names).toEqual(['Ada', 'bob@example.org', 'Cem', 'client 4'])
})

test('a checked name comes before the one that a client shows, and this one before a name that a client said', () => {
  const seen = new Map([1, 2].map((client) => [client, { id: 'x', name: 'Shown', color: '#000' }]))
  const names = namesOf({
    clients: [1, 2],
    seen,
    kept: [kept(1, 'Checked', { trusted: true }), kept(2, 'Said')],
  })
  expect(names).toEqual(['Checked', 'Shown'])
})

test('the clients of one name are one writer with one colour, and other writers have other colours', () => {
  const people = peopleAmong(
    known({ clients: [1, 2, 3, 4], kept: [kept(1, 'Ada'), kept(2, 'Bob'), kept(3, ' Ada ')] }),
  )
  expect(people.get(3)).toEqual(people.get(1))
  expect(new Set([...people.values()].map(({ color }) => color)).size).toBe(3)
  expect(peopleOf(people, [1, 3, 4]).map(({ id }) => id)).toEqual(['name:Ada', 'client:4'])
})

test('writers are listed in words', () => {
  const people = peopleAmong(known({ clients: [1, 2, 3] }))
  expect(writersInWords([])).toBe('not recorded')
  expect(writersInWords(peopleOf(people, [1, 2]))).toBe('client 1 and client 2')
  expect(writersInWords(peopleOf(people, [1, 2, 3]))).toBe('client 1 and 2 others')
})
