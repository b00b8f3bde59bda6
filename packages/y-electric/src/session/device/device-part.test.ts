import { describe, expect, test } from 'vitest'
import type { ElectricProviderError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import type { CheckedDocument, CheckedStore } from '../../persistence/checked-store.ts'
import type { DeviceStoreChange, OnLost } from '../../persistence/device-store.ts'
import { DeviceDriver } from '../testing/device-driver.ts'

const bytes = (...numbers: number[]) => new Uint8Array(numbers)
const EMPTY: CheckedDocument = {
  updates: [],
  batches: [],
  resume: null,
  ofOthers: [],
  damage: [],
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A device whose store opens when the test opens it, and a clock that the test moves. */
function setup() {
  const changes: DeviceStoreChange[] = []
  const errors: ElectricProviderError[] = []
  const timers = new Set<() => void>()
  let closed = 0
  let encode = () => bytes(100)
  let open: (store: CheckedStore) => void = () => {}
  let lose: OnLost = () => {}
  let refuse: (cause: unknown) => void = () => {}
  const store: CheckedStore = {
    load: async () => EMPTY,
    commit: async (change) => {
      changes.push(change)
    },
    takeOver: async () => ({ batches: [], ofOthers: [], damage: [] }),
    close: async () => {
      closed += 1
    },
  }
  const clock: Clock = {
    now: () => 0,
    random: () => 0,
    uuid: () => 'id',
    after: (_ms, task) => {
      timers.add(task)
      return () => timers.delete(task)
    },
  }
  const local = new DeviceDriver(
    {
      persistence: {
        open: (_key, onLost) =>
          new Promise((resolve, reject) => {
            lose = onLost
            open = resolve
            refuse = reject
          }),
      },
      key: 'key',
      clock,
      encodeDoc: () => encode(),
    },
    (error) => errors.push(error),
  )
  return {
    local,
    store,
    changes,
    errors,
    timers,
    closed: () => closed,
    open: () => open(store),
    encodeDoc: (now: () => Uint8Array<ArrayBuffer>) => {
      encode = now
    },
    refuse: (cause: unknown) => refuse(cause),
    lose: (cause: unknown) => lose(cause),
  }
}

describe('until the store has been read', () => {
  test('changes are remembered, and stored afterwards', async () => {
    const { local, open, changes, timers } = setup()
    const handedOn: CheckedDocument[] = []
    const loaded = local.load((kept) => handedOn.push(kept))
    local.edit(bytes(1), 'a')
    local.resumeAt({ segment: 1, position: null })
    expect(local.isStored).toBe(false)
    open()
    await loaded
    expect(handedOn).toEqual([EMPTY])
    await turn()
    expect(changes).toHaveLength(1)
    expect(changes[0]?.edits).toEqual([{ batchId: 'a', update: bytes(1) }])
    expect(local.isStored).toBe(true)
    expect(timers.size).toBe(0)
  })

  test('closing it loses none of these changes', async () => {
    const { local, open, changes, closed } = setup()
    const handedOn: CheckedDocument[] = []
    const loaded = local.load((kept) => handedOn.push(kept))
    local.edit(bytes(1), 'a')
    const isClosed = local.close()
    open()
    await Promise.all([loaded, isClosed])
    expect(handedOn).toEqual([])
    expect(changes[0]?.edits).toHaveLength(1)
    expect(closed()).toBe(1)
  })
})

test('a document does not replace a long list of updates that it does not contain', async () => {
  const { local, store, open, changes, encodeDoc } = setup()
  const updates = Array.from({ length: 300 }, () => bytes(1))
  store.load = async () => ({ ...EMPTY, updates })
  let isApplied = false
  encodeDoc(() => (isApplied ? bytes(100) : bytes()))
  const loaded = local.load(() => {
    isApplied = true
  })
  local.edit(bytes(2), 'a')
  open()
  await loaded
  await turn()
  expect(changes[0]?.whole).toEqual(bytes(100))
})

describe('an unavailable store', () => {
  test('is reported once, and nothing is kept', async () => {
    const { local, refuse, errors, timers } = setup()
    const loaded = local.load(() => {})
    local.edit(bytes(1), 'a')
    refuse(new Error('VersionError'))
    await loaded
    local.edit(bytes(2), 'a')
    local.whole()
    await local.close()
    expect(errors.map(({ code }) => code)).toEqual(['storage_failed'])
    expect(errors[0]?.cause).toEqual(new Error('VersionError'))
    expect(local.isStored).toBe(false)
    expect(timers.size).toBe(0)
  })

  test('is closed if it cannot be read, so that another page sends its edits', async () => {
    const { local, store, open, errors, closed } = setup()
    store.load = () => Promise.reject(new Error('unreadable'))
    const loaded = local.load(() => {})
    open()
    await loaded
    await turn()
    expect(errors.map(({ code }) => code)).toEqual(['storage_failed'])
    expect(closed()).toBe(1)
  })

  test('is given up after a while if it does not open, and closed if it opens later', async () => {
    const { local, open, errors, timers, changes, closed } = setup()
    const loaded = local.load(() => {})
    local.edit(bytes(1), 'a')
    expect(timers.size).toBe(1)
    for (const task of timers) task()
    await loaded
    expect(errors.map(({ code }) => code)).toEqual(['storage_failed'])
    open()
    await turn()
    expect(closed()).toBe(1)
    expect(changes).toEqual([])
    expect(local.isStored).toBe(false)
  })

  test('is reported once if a commit fails', async () => {
    const { local, store, open, errors, closed } = setup()
    store.commit = () => Promise.reject(new DOMException('full', 'QuotaExceededError'))
    const loaded = local.load(() => {})
    open()
    await loaded
    local.edit(bytes(1), 'a')
    await turn()
    local.edit(bytes(2), 'b')
    await turn()
    expect(errors.map(({ code }) => code)).toEqual(['storage_failed'])
    expect(local.isStored).toBe(false)
    await local.close()
    expect(closed()).toBe(1)
  })
})

describe('a store that is lost while it is idle', () => {
  test('is reported at once, and only once', async () => {
    const { local, store, open, lose, errors, changes } = setup()
    const loaded = local.load(() => {})
    open()
    await loaded
    expect(local.isStored).toBe(true)
    lose(new Error('wiped'))
    expect(local.isStored).toBe(false)
    expect(errors.map(({ code, cause }) => [code, cause])).toEqual([
      ['storage_failed', new Error('wiped')],
    ])
    store.commit = () => Promise.reject(new Error('closed'))
    local.edit(bytes(1), 'a')
    lose(new Error('wiped again'))
    await turn()
    expect(errors).toHaveLength(1)
    expect(changes).toEqual([])
    expect(await local.takeOver()).toEqual({ batches: [], ofOthers: [] })
    await local.close()
  })

  test('while it is being read is closed, and nothing is passed on', async () => {
    const { local, open, lose, errors, closed } = setup()
    const handedOn: CheckedDocument[] = []
    const loaded = local.load((kept) => handedOn.push(kept))
    local.edit(bytes(1), 'a')
    lose(new Error('wiped'))
    open()
    await loaded
    expect(handedOn).toEqual([])
    expect(errors).toHaveLength(1)
    expect(local.isStored).toBe(false)
    expect(closed()).toBe(1)
  })
})

describe('a damaged store', () => {
  test('is reported once, after the readable data has been passed on', async () => {
    const { local, store, open, errors } = setup()
    store.load = async () => ({ ...EMPTY, damage: ['an update is null', 'the resume point is 7'] })
    const loaded = local.load(() => expect(errors).toEqual([]))
    open()
    await loaded
    await turn()
    expect(errors.map(({ code }) => code)).toEqual(['storage_damaged'])
    expect(errors[0]?.message).toContain('an update is null; the resume point is 7')
    expect(local.isStored).toBe(true)
  })

  test('makes the next page compare with state if edits of another page are unreadable', async () => {
    const { local, store, open, errors, changes } = setup()
    const readable = { batchId: 'a', update: bytes(1) }
    store.takeOver = async () => ({ batches: [readable], ofOthers: [], damage: ['b is null'] })
    const loaded = local.load(() => {})
    open()
    await loaded
    expect(await local.takeOver()).toEqual({ batches: [readable], ofOthers: [] })
    await turn()
    expect(errors.map(({ code }) => code)).toEqual(['storage_damaged'])
    expect(changes.map(({ resume }) => resume)).toEqual([null])
  })
})
