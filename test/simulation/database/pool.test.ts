import { expect, test } from 'vitest'
import { DatabaseDouble } from './database.ts'
import { PoolDouble } from './pool.ts'

const database = new DatabaseDouble(() => 0)

/** A server whose statements take one lock until their transaction ends. */
const openServer = () =>
  new PoolDouble({
    database,
    pause: async () => {},
    statement: (_text, { tx }) => {
      tx.lock('document', 'exclusive')
      return []
    },
  })

test('a statement that waits for a lock when its server ends never gets the lock', async () => {
  const [first, second, third] = [openServer(), openServer(), openServer()]
  const holder = await first.connect()
  await holder.query('BEGIN')
  await holder.query('takes the lock')
  let answered = false
  void second.query('waits for the lock').then(() => {
    answered = true
  })
  await Promise.resolve()
  second.die()
  await holder.query('COMMIT')
  // If the waiting statement did not end, this one would wait for ever.
  await third.query('takes the lock')
  expect(answered).toBe(false)
})
