// A device whose store a test can damage. As on a real disk, values stay damaged or lost until they are
// rewritten.
import { type DeviceDocument, memory, type Persistence } from 'y-electric'
import { pickBelow } from '../harness/random.ts'

/** A stored update or edit, or the resume point. */
type Stored = object
/** The values that a load returns instead of a stored one. Empty if the value is lost. */
type Instead = readonly unknown[]

export interface FaultyDevice {
  readonly persistence: Persistence
  /** Damages the current content of the store. */
  damage(how: (stored: StoredThings) => ReadonlyMap<Stored, Instead>): Promise<void>
}

/** The content of a store: the bytes of updates and edits, and the resume point. */
export interface StoredThings {
  readonly updates: readonly Uint8Array[]
  readonly edits: readonly Uint8Array[]
  readonly resume: DeviceDocument['resume']
}

export function createFaultyDevice(): FaultyDevice {
  const device = memory()
  const damaged = new Map<Stored, Instead>()
  let key = ''

  const seen = ({ updates, batches, resume, ...rest }: DeviceDocument): unknown => ({
    ...rest,
    updates: updates.flatMap((update) => damaged.get(update) ?? [update]),
    batches: batches.flatMap((batch) =>
      (damaged.get(batch.update) ?? [batch.update]).map((update) => ({ ...batch, update })),
    ),
    resume: resume === null ? null : (damaged.get(resume) ?? [resume])[0],
  })

  return {
    persistence: {
      async open(name, onLost) {
        key = name
        const inner = await device.open(name, onLost)
        return {
          load: async () => seen(await inner.load()) as DeviceDocument,
          commit: (change) => inner.commit(change),
          takeOver: () => inner.takeOver(),
          close: () => inner.close(),
        }
      },
    },
    async damage(how) {
      const store = await device.open(key, () => {})
      const { updates, batches, resume } = await store.load()
      await store.close()
      const edits = batches.map(({ update }) => update)
      for (const [stored, instead] of how({ updates, edits, resume })) damaged.set(stored, instead)
    },
  }
}

/** Ways to damage stored bytes. */
export const FAULTS: readonly ((bytes: Uint8Array, random: () => number) => Instead)[] = [
  () => [],
  () => [null],
  () => [undefined],
  () => ['text'],
  () => [42],
  () => [{}],
  () => [new Uint8Array()],
  (bytes, random) => [bytes.slice(0, pickBelow(random, bytes.byteLength))],
  (bytes, random) => [bytes.slice(1 + pickBelow(random, bytes.byteLength - 1))],
  (bytes, random) => {
    const at = pickBelow(random, bytes.byteLength)
    const flip = 1 + pickBelow(random, 255)
    return [bytes.map((byte, i) => (i === at ? byte ^ flip : byte))]
  },
]
