import { beforeEach, describe, expect, test } from 'vitest'
import type { DeviceStore, DeviceStoreChange } from './device-store.ts'
import { Recorder } from './recorder.ts'

const bytes = (...numbers: number[]) => new Uint8Array(numbers)
const resumePoint = (offset: string) => ({ segment: 0, position: { offset, handle: 'h' } })

/** A store whose transactions end when the test ends them. */
function slowStore() {
  const changes: DeviceStoreChange[] = []
  const ends: { resolve: () => void; reject: (cause: unknown) => void }[] = []
  let closed = 0
  const store: DeviceStore = {
    load: async () => ({ updates: [], batches: [], resume: null, ofOthers: [] }),
    commit: (change) => {
      changes.push(change)
      return new Promise((resolve, reject) => ends.push({ resolve, reject }))
    },
    takeOver: async () => ({ batches: [], ofOthers: [] }),
    close: async () => {
      closed += 1
    },
  }
  return {
    store,
    changes,
    closed: () => closed,
    /** Ends the oldest open transaction and runs everything that follows from it. */
    async end(cause?: unknown) {
      const oldest = ends.shift()
      if (oldest === undefined) throw new Error('no transaction is open')
      if (cause === undefined) oldest.resolve()
      else oldest.reject(cause)
      await turn()
    },
  }
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

let slow: ReturnType<typeof slowStore>
let recorder: Recorder
let told: string[]
let onStored: (isStored: boolean) => void

const create = (loaded = 0) =>
  new Recorder({
    store: slow.store,
    loaded,
    encodeDoc: () => bytes(100),
    onStored: ({ all, edits }) => {
      told.push(all ? 'all' : edits ? 'edits' : 'not')
      onStored(all)
    },
    onLost: (cause) => told.push(`lost: ${cause}`),
  })

beforeEach(() => {
  slow = slowStore()
  told = []
  onStored = () => {}
  recorder = create()
})

describe('one transaction', () => {
  test('holds what happens together, and the next one holds what happens meanwhile, in order', async () => {
    recorder.edit(bytes(1), 'a')
    recorder.update(bytes(2))
    recorder.resumeAt(resumePoint('1_0'))
    await turn()
    recorder.edit(bytes(3), 'b')
    recorder.acked('a')
    recorder.resumeAt(resumePoint('2_0'))
    recorder.resumeAt(resumePoint('3_0'))
    await turn()
    expect(slow.changes).toEqual([
      {
        updates: [bytes(1), bytes(2)],
        edits: [{ batchId: 'a', update: bytes(1) }],
        settled: [],
        resume: resumePoint('1_0'),
      },
    ])
    await slow.end()
    expect(slow.changes[1]).toEqual({
      updates: [bytes(3)],
      edits: [{ batchId: 'b', update: bytes(3) }],
      settled: ['a'],
      resume: resumePoint('3_0'),
    })
    expect(told).toEqual(['not'])
    await slow.end()
    expect(told).toEqual(['not', 'all'])
  })

  test('leaves the resume point unchanged unless one was recorded, and can delete it', async () => {
    recorder.update(bytes(1))
    await turn()
    await slow.end()
    recorder.resumeAt(null)
    await turn()
    expect(slow.changes.map((change) => change.resume)).toEqual([undefined, null])
    expect(Object.hasOwn(slow.changes[0] ?? {}, 'resume')).toBe(false)
  })

  test('settles a batch that was cut, and adds its parts', async () => {
    recorder.edit(bytes(1), 'a')
    recorder.edit(bytes(2), 'other')
    recorder.split('a', [
      { batchId: 'a1', update: bytes(8) },
      { batchId: 'a2', update: bytes(9) },
    ])
    await turn()
    expect(slow.changes[0]?.settled).toEqual(['a'])
    expect(slow.changes[0]?.edits.map(({ batchId }) => batchId)).toEqual(['other', 'a1', 'a2'])
    expect(slow.changes[0]?.updates).toEqual([bytes(1), bytes(2)])
  })
})

describe('the whole document', () => {
  test('replaces what was stored, once', async () => {
    recorder.update(bytes(1))
    recorder.whole()
    await turn()
    await slow.end()
    recorder.update(bytes(2))
    await turn()
    expect(slow.changes.map((change) => change.whole)).toEqual([bytes(100), undefined])
  })

  test('is written automatically when the list has grown long, and then not again for a while', async () => {
    recorder = create(299)
    recorder.update(bytes(1))
    await turn()
    await slow.end()
    recorder.update(bytes(2))
    await turn()
    await slow.end()
    expect(slow.changes.map((change) => change.whole)).toEqual([undefined, bytes(100)])
    for (let i = 0; i < 299; i++) recorder.update(bytes(3))
    await turn()
    await slow.end()
    recorder.update(bytes(4))
    await turn()
    expect(slow.changes.map((change) => change.whole).slice(2)).toEqual([undefined, bytes(100)])
  })
})

describe('stored', () => {
  test('a resume point, an ack or content of others does not mean that an edit is not stored', async () => {
    recorder.edit(bytes(1), 'a')
    await turn()
    await slow.end()
    told = []
    recorder.resumeAt(resumePoint('1_0'))
    recorder.acked('a')
    recorder.update(bytes(2))
    await turn()
    expect(told).toEqual(['edits'])
    recorder.edit(bytes(3), 'b')
    expect(told).toEqual(['edits', 'not'])
    await slow.end()
    await slow.end()
    expect(told).toEqual(['edits', 'not', 'all'])
  })

  test('an edit is stored with its transaction, whatever content still waits', async () => {
    recorder.edit(bytes(1), 'a')
    await turn()
    recorder.update(bytes(2))
    await slow.end()
    expect(told).toEqual(['not', 'edits'])
  })

  test('an edit that a listener makes when it is notified is stored as well', async () => {
    recorder.update(bytes(1))
    onStored = (isStored) => {
      if (!isStored) return
      onStored = () => {}
      recorder.update(bytes(2))
    }
    await turn()
    await slow.end()
    expect(slow.changes.map((change) => change.updates)).toEqual([[bytes(1)], [bytes(2)]])
    await slow.end()
    expect(told.at(-1)).toBe('all')
  })

  test('an edit that is made in the microtasks after that is stored as well', async () => {
    recorder.update(bytes(1))
    await turn()
    onStored = () => {
      void Promise.resolve()
        .then(() => {})
        .then(() => recorder.update(bytes(2)))
      onStored = () => {}
    }
    await slow.end()
    expect(slow.changes).toHaveLength(2)
  })
})

describe('a store that fails', () => {
  test('is reported once and not used any more', async () => {
    recorder.edit(bytes(1), 'a')
    await turn()
    recorder.edit(bytes(2), 'b')
    await slow.end('quota')
    recorder.edit(bytes(3), 'c')
    recorder.acked('a')
    recorder.whole()
    await turn()
    expect(told).toEqual(['not', 'lost: quota'])
    expect(slow.changes).toHaveLength(1)
    await recorder.close()
    expect(slow.closed()).toBe(1)
  })

  test('is handled in the same way if it throws at once, as a closed database does', async () => {
    slow.store.commit = () => {
      throw new Error('closed')
    }
    recorder.edit(bytes(1), 'a')
    await turn()
    expect(told).toEqual(['not', 'lost: Error: closed'])
  })
})

describe('close', () => {
  test('waits until everything is written', async () => {
    recorder.edit(bytes(1), 'a')
    await turn()
    recorder.edit(bytes(2), 'a')
    const closed = recorder.close()
    await turn()
    expect(slow.closed()).toBe(0)
    await slow.end()
    expect(slow.closed()).toBe(0)
    await slow.end()
    await closed
    expect(slow.closed()).toBe(1)
    expect(slow.changes.map((change) => change.edits.length)).toEqual([1, 1])
  })

  test('writes what was recorded in the same task', async () => {
    recorder.edit(bytes(1), 'a')
    const closed = recorder.close()
    await turn()
    await slow.end()
    await closed
    expect(slow.changes).toHaveLength(1)
    expect(slow.closed()).toBe(1)
  })

  test('ignores a store that cannot be closed', async () => {
    slow.store.close = () => Promise.reject(new Error('gone'))
    await recorder.close()
  })
})

test('suppresses reports of a store that is lost during a transaction', async () => {
  const { store, changes, end } = slowStore()
  const told: string[] = []
  const recorder = new Recorder({
    store,
    loaded: 0,
    encodeDoc: () => bytes(),
    onStored: ({ all }) => told.push(all ? 'stored' : 'not stored'),
    onLost: () => told.push('lost'),
  })
  recorder.update(bytes(1))
  await Promise.resolve()
  recorder.update(bytes(2))
  recorder.lose()
  await end()
  await recorder.close()
  recorder.update(bytes(3))
  await Promise.resolve()
  expect(changes).toHaveLength(1)
  expect(told).toEqual(['not stored'])
})
