import { describe, expect, test } from 'vitest'
import { memory } from 'y-electric'
import { storeTests } from 'y-electric/store-tests'

describe('memory() meets the requirements of a store:', () => {
  test.each(Object.entries(storeTests))('%s', async (_name, run) => {
    const persistence = memory()
    await run(() => persistence.open('https://example.test/api/doc', () => {}))
  })
})

test('memory() keeps documents, and the stores of separate calls, apart', async () => {
  const persistence = memory()
  const open = (key: string, from = persistence) => from.open(key, () => {})
  const change = { updates: [new Uint8Array([1])], edits: [], settled: [] }
  const store = await open('one')
  await store.commit(change)
  expect((await (await open('one')).load()).updates).toHaveLength(1)
  expect((await (await open('two')).load()).updates).toEqual([])
  expect((await (await open('one', memory())).load()).updates).toEqual([])
})
