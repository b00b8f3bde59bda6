// Minutes of presence in virtual time: the cost of an idle client, and the time until a crashed client
// disappears.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { openPerson, type Person } from './people.ts'
import { createPresenceStub, type PresenceStub } from './stub.ts'

// This runs before any module is loaded, because y-protocols keeps the clock that it finds.
vi.hoisted(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
})

let stub: PresenceStub
let docId: string
let people: Person[]

beforeEach(() => {
  stub = createPresenceStub()
  docId = freshDocId()
  people = []
})
afterEach(async () => {
  for (const person of people) {
    await person.close()
    person.awareness.destroy()
  }
  await pass(0)
  // The one timer that may be left belongs to Electric's client, which sometimes stores the position of
  // the stream.
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const open = async (name: string): Promise<Person> => {
  const person = openPerson({
    url: 'http://stub.test/api',
    docId,
    name,
    fetch: stub.fetch,
    live: 'long-poll',
    compaction: false,
  })
  people.push(person)
  await pass(1_000)
  return person
}

test('idle clients write at most two rows a minute each, and all stay visible', async () => {
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  const before = stub.writes()
  const missing: string[] = []
  for (let second = 0; second < 5 * 60; second++) {
    await pass(1_000)
    for (const person of [ada, bob]) {
      if (person.names().join() !== 'Ada,Bob') missing.push(`${second}: ${person.names()}`)
    }
  }
  expect(missing).toEqual([])
  expect(stub.writes() - before).toBeLessThanOrEqual(5 * 2 * 2)
})

test('a crashed client disappears for all others within 40 s, without a write by any of them', async () => {
  const [ada, bob, crashed] = [await open('Ada'), await open('Bob'), await open('Crashed')]
  await pass(20_000)
  crashed.move(1)
  await pass(1_000)
  await crashed.crash()
  const began = Date.now()
  const goneAfter = new Map<Person, number>()
  const rowsBefore = stub.rows.size
  for (let second = 1; second <= 45; second++) {
    await pass(1_000)
    for (const person of [ada, bob]) {
      if (!person.names().includes('Crashed') && !goneAfter.has(person)) {
        goneAfter.set(person, Date.now() - began)
      }
    }
  }
  expect(goneAfter.size).toBe(2)
  expect(Math.max(...goneAfter.values())).toBeLessThanOrEqual(40_000)
  expect(stub.rows.size).toBe(rowsBefore)
  expect(ada.names()).toEqual(['Ada', 'Bob'])

  const carol = await open('Carol')
  expect(carol.names()).toEqual(['Ada', 'Bob', 'Carol'])
})

test('a joiner shows a silent client no longer than the others do', async () => {
  const crashed = await open('Crashed')
  await crashed.crash()
  await pass(30_000)
  const late = await open('Late')
  expect(late.names()).toEqual(['Crashed', 'Late'])
  await pass(9_000)
  expect(late.names()).toEqual(['Late'])
})

test('a client is visible again after its laptop slept, and sees the others', async () => {
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  // Bob's timers stop while those of the others continue, so his row expires and is deleted.
  const row = [...stub.rows.keys()].find((id) => id === bob.doc.clientID)
  expect(row).toBeDefined()
  await stub.fetch(`http://stub.test/api/docs/${docId}/awareness/${row}`, { method: 'DELETE' })
  await pass(1_000)
  expect(ada.names()).toEqual(['Ada', 'Bob'])
  expect(bob.awareness.getLocalState()?.user.name).toBe('Bob')
})

test('a cursor that moves without pause is written at most twenty times a second', async () => {
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  const before = stub.writes()
  for (let cursor = 0; cursor < 1_000; cursor++) {
    ada.move(cursor)
    await pass(10)
  }
  await pass(100)
  expect(stub.writes() - before).toBeLessThanOrEqual(201)
  expect(bob.awareness.getStates().get(ada.doc.clientID)?.cursor).toBe(999)
})

test('a client that receives no changes from the others does not write because of them', async () => {
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  await pass(5_000)
  const before = ada.puts().length
  for (let cursor = 0; cursor < 50; cursor++) {
    bob.move(cursor)
    await pass(100)
  }
  expect(ada.puts().length - before).toBeLessThanOrEqual(1)
})
