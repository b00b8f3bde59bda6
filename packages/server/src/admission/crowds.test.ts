import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.ts'
import { PresenceFull } from '../store/index.ts'
import { Crowds } from './crowds.ts'

/** A document in which clients 1 and 2 are present, and which has no room for more. */
function fullDocument() {
  const state = { now: 0, reads: 0, present: new Set([1, 2]), hold: Promise.resolve() }
  const crowds = new Crowds({
    clientsIn: async () => {
      state.reads++
      const present = new Set(state.present)
      await state.hold
      return present
    },
    clientsOf: async () => {
      state.reads++
      return new Set(['doc/1'])
    },
    now: () => state.now,
  })
  const refusal = new PresenceFull('document', 'full', DEFAULT_LIMITS)
  const ofUser = new PresenceFull('user', 'full', DEFAULT_LIMITS)
  const writer = (clientId: number) => ({ docId: 'doc', clientId, user: 'ada' })
  const flood = async (by = refusal) => {
    for (let client = 10; client < 18; client++) await crowds.refused(writer(client), by)
  }
  const isRefused = (clientId: number): boolean => {
    try {
      crowds.requireRoom(writer(clientId))
      return false
    } catch (error) {
      expect(error).toMatchObject({ code: 'quota_exceeded', retryAfterSeconds: 30 })
      return true
    }
  }
  return { state, crowds, flood, ofUser, refusal, writer, isRefused }
}

test('a flood of new clients in a full document is refused without a query; present clients are not', async () => {
  const { state, flood, isRefused } = fullDocument()
  await flood()
  expect(state.reads).toBe(1)
  expect([1, 2, 3, 4].map(isRefused)).toEqual([false, false, true, true])
})

test('the database decides while few clients are refused, and again a second later', async () => {
  const { state, crowds, flood, refusal, writer, isRefused } = fullDocument()
  await crowds.refused(writer(9), refusal)
  expect([state.reads, isRefused(3)]).toEqual([0, false])
  await flood()
  expect(isRefused(3)).toBe(true)
  state.now += 1_000
  expect(isRefused(3)).toBe(false)
})

test('a new client is accepted as soon as another leaves, even during a read of the present clients', async () => {
  const { state, crowds, flood, writer, isRefused } = fullDocument()
  await flood()
  crowds.left(writer(1))
  expect(isRefused(3)).toBe(false)
  let release = () => {}
  state.hold = new Promise((resolve) => {
    release = resolve
  })
  const flooded = flood()
  await Promise.resolve()
  crowds.left(writer(2))
  release()
  await flooded
  expect(isRefused(3)).toBe(false)
})

test('a flood of one user in many documents is refused in the same way', async () => {
  const { crowds, flood, ofUser, isRefused } = fullDocument()
  await flood(ofUser)
  expect([1, 2].map(isRefused)).toEqual([false, true])
  expect(() => crowds.requireRoom({ docId: 'other', clientId: 1, user: 'ada' })).toThrow()
  expect(() => crowds.requireRoom({ docId: 'other', clientId: 1, user: 'bob' })).not.toThrow()
})
