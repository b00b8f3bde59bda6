// Faults of the device: the store, the locks, the channels and the timers of a browser.
import type { DeviceStore, DeviceStoreChange, Persistence } from 'y-electric'
import type * as Y from 'yjs'
import type { Platform } from '../browsers/page.ts'
import type { Plant } from '../plant.ts'

const onStore = (
  wrap: (store: DeviceStore) => Partial<DeviceStore>,
): Pick<Plant, 'persistence' | 'profile'> => ({
  persistence: (inner: Persistence) => ({
    open: async (key, onLost) => {
      const store = await inner.open(key, onLost)
      const bound: DeviceStore = {
        load: () => store.load(),
        commit: (change) => store.commit(change),
        takeOver: () => store.takeOver(),
        close: () => store.close(),
      }
      return { ...bound, ...wrap(store) }
    },
  }),
  profile: { isKept: true },
})

const onCommit = (change: (given: DeviceStoreChange) => DeviceStoreChange) =>
  onStore((store) => ({ commit: (given) => store.commit(change(given)) }))

/** Replaces `request` of Web Locks for some names. */
const onLocks = (
  instead: (
    name: string,
    args: readonly unknown[],
    real: () => Promise<unknown>,
  ) => Promise<unknown>,
): Pick<Plant, 'platform' | 'profile'> => ({
  platform: (inner: Platform) => ({
    ...inner,
    locks: () => {
      const locks = inner.locks()
      if (locks === null) return null
      const request = (name: string, ...args: unknown[]) =>
        instead(name, args, () =>
          (locks.request as (...all: unknown[]) => Promise<unknown>)(name, ...args),
        )
      return { ...locks, request } as typeof locks
    },
  }),
  profile: { hasLocks: true, tabsPerBrowser: 3 },
})

/** Drops messages between tabs. */
const withoutMessages = (...types: readonly string[]): Pick<Plant, 'platform' | 'profile'> => ({
  platform: (inner: Platform) => ({
    ...inner,
    openChannel: (name) => {
      const channel = inner.openChannel?.(name)
      if (!channel) throw new Error('there are no channels')
      const { postMessage } = channel
      channel.postMessage = (message) => {
        if (!types.includes((message as { type: string }).type)) postMessage.call(channel, message)
      }
      return channel
    },
  }),
  profile: { hasLocks: true, tabsPerBrowser: 3 },
})

/** A tab that has caught up makes an edit, and ends after storing and before sending the edit. */
export const STORED_AND_NOT_SENT: Pick<Plant, 'profile' | 'steps'> = {
  profile: { isKept: true, browsers: 1, tabsPerBrowser: 1, compacts: false },
  steps: [
    { type: 'edit' },
    { type: 'pass', ms: 1_500 },
    { type: 'offline' },
    { type: 'edit' },
    { type: 'pass', ms: 150 },
    { type: 'crash' },
    { type: 'online' },
    { type: 'open' },
    { type: 'pass', ms: 1_500 },
  ],
}

const NEVER = new Promise<never>(() => {})

export const DEVICE_PLANTS: readonly Plant[] = [
  {
    name: 'a commit of the device is dropped',
    about: 'the store confirms a commit that it has not made',
    ...onStore(() => ({ commit: async () => {} })),
  },
  {
    name: 'a commit of the device resolves before it is done',
    about: 'the store does not wait for its transaction',
    ...(() => {
      const later = (store: DeviceStore, change: DeviceStoreChange) =>
        void new Promise((resolve) => setImmediate(resolve)).then(() => store.commit(change))
      return onStore((store) => ({
        commit: async (change) => later(store, change),
      }))
    })(),
  },
  {
    name: 'a commit of the device loses the edits',
    about: 'content and outbox are two transactions, and one is lost',
    ...onCommit((change) => ({ ...change, edits: [] })),
    ...STORED_AND_NOT_SENT,
  },
  {
    name: 'the outbox of the device is not loaded',
    about: 'edits of an earlier page are lost',
    ...onStore((store) => ({
      load: async () => ({ ...(await store.load()), batches: [] }),
      takeOver: async () => ({ batches: [], ofOthers: [] }),
    })),
    ...STORED_AND_NOT_SENT,
  },
  {
    name: 'edits are removed from the device store before they are acked',
    about: 'every commit settles the edits that it adds',
    ...onCommit((change) => ({
      ...change,
      settled: [...change.settled, ...change.edits.map(({ batchId }) => batchId)],
    })),
    ...STORED_AND_NOT_SENT,
  },
  {
    name: 'edits of a tab that has ended are never adopted',
    about: 'no tab notices that another tab has ended',
    ...onLocks((name, args, real) =>
      name.startsWith('y-electric:tab:') && args.length > 1 ? NEVER : real(),
    ),
    profile: { hasLocks: true, tabsPerBrowser: 3, isKept: false },
  },
  {
    name: 'every tab leads',
    about: 'the lock of the leader is granted to all tabs',
    ...onLocks((name, args, real) => {
      if (!name.startsWith('y-electric:leader:')) return real()
      const callback = args.at(-1) as (lock: object) => Promise<unknown>
      return Promise.resolve().then(() => callback({ name }))
    }),
  },
  {
    name: 'no tab leads',
    about: 'the lock of the leader is never granted',
    ...onLocks((name, _args, real) => (name.startsWith('y-electric:leader:') ? NEVER : real())),
  },
  {
    name: 'a tab does not tell other tabs that its edits are saved',
    about: 'other tabs wait for acks that have arrived',
    ...withoutMessages('settled'),
  },
  {
    name: 'the leader does not pass on the rows that it reads',
    about: 'the followers learn that the leader reads, but get no rows',
    ...withoutMessages('batch', 'newest'),
  },
  {
    name: 'remote edits are applied without the origin of the provider',
    about: 'the transaction has no origin',
    doc: (doc: Y.Doc) => {
      doc.on('beforeTransaction', (transaction: Y.Transaction) => {
        if (!transaction.local) transaction.origin = 'somebody'
      })
    },
  },
  {
    name: 'timers of a page are lost',
    about: 'a wait before a retry never ends',
    platform: (inner) => ({
      ...inner,
      clock: {
        ...inner.clock,
        after: (ms, task) => (ms > 60 && ms < 250 ? () => {} : inner.clock.after(ms, task)),
      },
    }),
  },
]
