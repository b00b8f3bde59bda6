import { describe, expect, test } from 'vitest'
import { memory } from 'y-electric'
import { CASES } from './acceptance.ts'

describe('memory(), as every store', () => {
  test.each(Object.entries(CASES))('%s', async (_name, run) => {
    const persistence = memory()
    await run(() => persistence.open('https://example.test/api/doc'))
  })
})

test('documents and calls of memory() are apart', async () => {
  const persistence = memory()
  const change = { updates: [new Uint8Array([1])], edits: [], settled: [] }
  const store = await persistence.open('one')
  await store.commit(change)
  expect((await (await persistence.open('one')).load()).updates).toHaveLength(1)
  expect((await (await persistence.open('two')).load()).updates).toEqual([])
  expect((await (await memory().open('one')).load()).updates).toEqual([])
})
