import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const { signal } = new AbortController()

test('a request on its own is admitted at once', async () => {
  const turns = new Turns()
  let isAdmitted = false
  void turns.enter('ada', signal).then(() => {
    isAdmitted = true
  })
  await Promise.resolve()
  await Promise.resolve()
  expect(isAdmitted).toBe(true)
})

test('of many requests at once, one is admitted in each turn, and askers alternate', async () => {
  const turns = new Turns()
  const admitted: string[] = []
  const enter = (who: string) => void turns.enter(who, signal).then(() => admitted.push(who))
  for (let i = 0; i < 4; i++) enter('eve')
  enter('ada')
  enter('bob')
  for (let turn = 1; turn <= 6; turn++) {
    await nextTurn()
    expect(admitted.length).toBeLessThanOrEqual(turn + 1)
  }
  await nextTurn()
  expect(admitted).toEqual(['eve', 'eve', 'ada', 'bob', 'eve', 'eve'])
})

test('a request whose client has disconnected while it waited is not handled', async () => {
  const turns = new Turns()
  const client = new AbortController()
  void turns.enter('eve', signal)
  const waiting = turns.enter('eve', client.signal)
  client.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
})
