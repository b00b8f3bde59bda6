// A store has lost or changed data. The document is complete again after it has been read from the server,
// `synced` and `saved` are true only then, and the app gets one error.
//
//   Y_ELECTRIC_SEED=… npx vitest run --project integration test/persistence/damage    one run again
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/persistence/damage    many runs
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { DeviceStore, Persistence } from 'y-electric'
import { memory } from 'y-electric'
import { IDEMPOTENCY_KEY_HEADER, UPDATE_MEDIA_TYPE, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { rebuild } from '../harness/oracle.ts'
import { pickBelow, seededRandom, shuffled } from '../harness/random.ts'
import type { GatedClient } from '../provider/setup.ts'
import { useProviderSetup } from '../provider/setup.ts'
import { editAtRandom } from '../simulation/edits.ts'
import { createDevice } from './device.ts'
import { createFaultyDevice, FAULTS, type FaultyDevice, type StoredThings } from './faulty.ts'

const setup = useProviderSetup()
const WORDS = ['alpha ', 'beta ', 'gamma ']
const TEXT = WORDS.join('')

const settled = (client: GatedClient) =>
  eventually(() => client.provider.synced && client.provider.saved && client.provider.stored)
const damagesOf = (client: GatedClient) =>
  client.errors.filter(({ code }) => code === 'storage_damaged')

/** Writes three words, saved one by one, and then a fourth that the server does not have. */
async function write(docId: string, device: FaultyDevice, unsent = ''): Promise<void> {
  const page = createDevice(device.persistence).page()
  const ada = setup.open({ docId, persistence: page.persistence })
  await eventually(() => ada.provider.status === 'connected')
  for (const word of WORDS) {
    ada.type(word)
    await ada.provider.whenSaved()
  }
  await settled(ada)
  ada.provider.disconnect()
  if (unsent !== '') ada.type(unsent)
  await eventually(() => ada.provider.stored)
  await page.crash()
  await ada.close()
}

async function post(docId: string, update: Uint8Array | undefined): Promise<void> {
  const response = await fetch(setup.server.url + updatesPath(docId), {
    method: 'POST',
    headers: { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: randomUUID() },
    body: new Uint8Array(update ?? []),
  })
  expect(response.status).toBe(201)
}

const cut = (bytes: Uint8Array | undefined, by: number) =>
  bytes === undefined ? [] : ([[bytes, [bytes.slice(0, -by)]]] as const)

const DAMAGE: Record<string, (stored: StoredThings) => ReadonlyMap<object, readonly unknown[]>> = {
  'the first update is missing': ({ updates }) => new Map(updates.slice(0, 1).map((u) => [u, []])),
  'the last update is missing': ({ updates }) => new Map(updates.slice(-1).map((u) => [u, []])),
  'all updates are missing': ({ updates }) => new Map(updates.map((u) => [u, []])),
  'the first update is cut short': ({ updates }) => new Map(cut(updates[0], 3)),
  'the last update is cut short': ({ updates }) => new Map(cut(updates.at(-1), 2)),
  'every update is null': ({ updates }) => new Map(updates.map((u) => [u, [null]])),
  'every edit is null': ({ edits }) => new Map(edits.map((edit) => [edit, [null]])),
  'every edit is missing': ({ edits }) => new Map(edits.map((edit) => [edit, []])),
  'the resume point is nonsense': ({ resume }) => new Map([[resume ?? {}, ['nonsense']]]),
  'the resume point is too far ahead': ({ resume }) =>
    new Map([[resume ?? {}, [{ segment: 0, position: { offset: '999999_0', handle: 'h' } }]]]),
}

describe.each(Object.entries(DAMAGE))('a store in which %s', (_, how) => {
  test('is reported once and rewritten, the document is complete, and the unsent edit is sent', async () => {
    const docId = freshDocId()
    const device = createFaultyDevice()
    await write(docId, device, 'unsent')
    await device.damage(how)

    const page = createDevice(device.persistence).page()
    const again = setup.open({ docId, persistence: page.persistence })
    const shownWhenSynced: string[] = []
    again.provider.on('synced', () => shownWhenSynced.push(again.text.toString()))
    await settled(again)
    expect(shownWhenSynced[0]).toContain(TEXT)
    expect(again.text.toString()).toBe(`${TEXT}unsent`)
    expect(again.errors.map(({ code }) => code)).toEqual(['storage_damaged'])
    await setup.converged(again)
    await page.crash()
    await again.close()

    const third = setup.open({ docId, persistence: device.persistence })
    await settled(third)
    expect(third.errors).toEqual([])
    expect(third.gate.count('state')).toBe(0)
    await setup.converged(third)
  })
})

test('a damaged store without a network is rewritten with its readable data and reports what it lacks', async () => {
  const docId = freshDocId()
  const device = createFaultyDevice()
  await write(docId, device, 'unsent')
  await device.damage(({ updates }) => new Map(cut(updates[0], 3)))
  const page = createDevice(device.persistence).page()
  const offline = setup.open({ docId, persistence: page.persistence, connect: false })
  await eventually(() => offline.provider.stored)
  expect(damagesOf(offline)).toHaveLength(1)
  expect(damagesOf(offline)[0]?.message).toContain('bytes')
  expect(offline.provider.saved).toBe(false)
  await page.crash()

  const again = setup.open({ docId, persistence: device.persistence })
  expect(again.provider.saved).toBe(false)
  await settled(again)
  expect(again.errors).toEqual([])
  expect(again.text.toString()).toBe(`${TEXT}unsent`)
  await setup.converged(again)
})

test('the store of a document that waits for a missing edit does not count as complete', async () => {
  const docId = freshDocId()
  const device = createDevice()
  const first = device.page()
  const ada = setup.open({ docId, persistence: first.persistence })
  await settled(ada)
  const other = new Y.Doc()
  const updates: Uint8Array[] = []
  other.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of WORDS) other.getText('body').insert(other.getText('body').length, word)
  await post(docId, updates[2])
  await eventually(() => ada.doc.store.pendingStructs !== null)
  await settled(ada)
  await first.crash()
  const again = setup.open({ docId, persistence: device.page().persistence })
  await settled(again)
  expect(again.gate.count('state')).toBe(1)
  expect(again.errors).toEqual([])
})

test('a store of an earlier version joins once without an error and then works like any other', async () => {
  const docId = freshDocId()
  const earlier = memory()
  const bob = setup.open({ docId })
  bob.type(TEXT)
  await bob.provider.whenSaved()
  await eventually(() => bob.provider.status === 'connected')
  const [row] = await readUpdateRows(setup.server.pool, docId)
  let key = ''
  const persistence: Persistence = {
    open(name, onLost): Promise<DeviceStore> {
      key = name
      return earlier.open(name, onLost)
    },
  }
  await setup.open({ docId, persistence, connect: false }).close()
  const store = await earlier.open(key, () => {})
  const resume = { segment: 0, position: null }
  await store.commit({ updates: row ? [row.data] : [], edits: [], settled: [], resume })
  await store.close()

  const ada = setup.open({ docId, persistence, connect: false })
  await eventually(() => ada.text.toString() === TEXT)
  ada.provider.connect()
  await settled(ada)
  expect(ada.gate.count('state')).toBe(1)
  await ada.close()
  const again = setup.open({ docId, persistence })
  await settled(again)
  expect(again.gate.count('state')).toBe(0)
  expect([...ada.errors, ...again.errors]).toEqual([])
  await setup.converged(again, bob)
})

const chosen = process.env.Y_ELECTRIC_SEED
const seeds =
  chosen === undefined
    ? Array.from({ length: isDeep ? 200 : 4 }, () => Math.floor(Math.random() * 2 ** 31))
    : [Number(chosen)]

test.each(seeds)(
  'after any damage, the document is complete once the store is reloaded (seed %i)',
  async (seed) => {
    const random = seededRandom(seed)
    const docId = freshDocId()
    const device = createFaultyDevice()
    const bob = setup.open({ docId })
    const unsent = await live(docId, device, bob, random)
    const mayLoseUnsent = await damageAtRandom(device, random)

    const again = setup.open({ docId, persistence: device.persistence })
    await eventually(() => again.provider.status === 'connected')
    await settled(again)
    await agree(again, bob, mayLoseUnsent)
    expect(
      again.errors.map(({ code }) => code).filter((code) => code !== 'storage_damaged'),
    ).toEqual([])
    expect(damagesOf(again).length).toBeLessThanOrEqual(1)
    if (!mayLoseUnsent) {
      const server = rebuild(await readStored(setup.server.pool, docId))
      const before = Y.snapshot(server)
      Y.applyUpdate(server, unsent)
      expect(Y.equalSnapshots(before, Y.snapshot(server))).toBe(true)
    }
    await again.close()
    const third = setup.open({ docId, persistence: device.persistence })
    await settled(third)
    expect(third.errors).toEqual([])
    await agree(third, bob, mayLoseUnsent)
  },
)

/**
 * If all copies of an unsent edit are lost, later edits that build on it stay pending in every
 * client.
 */
async function agree(ada: GatedClient, bob: GatedClient, mayWait: boolean): Promise<void> {
  if (!mayWait) return setup.converged(ada, bob)
  await eventually(async () => {
    const there = rebuild(await readStored(setup.server.pool, ada.provider.docId))
    const [one, ...others] = [ada.doc, bob.doc, there].map((doc) => Y.snapshot(doc))
    return one !== undefined && others.every((other) => Y.equalSnapshots(one, other))
  })
}

/** Opens a few pages that type, save, go offline and crash. @returns the content of the last one */
async function live(
  docId: string,
  device: FaultyDevice,
  bob: GatedClient,
  random: () => number,
): Promise<Uint8Array> {
  let last = new Uint8Array()
  for (let pages = 1 + pickBelow(random, 3); pages > 0; pages--) {
    const page = createDevice(device.persistence).page()
    const ada = setup.open({ docId, persistence: page.persistence })
    for (let steps = 3 + pickBelow(random, 12); steps > 0; steps--) {
      const step = random()
      if (step < 0.6) editAtRandom(ada.doc, random)
      else if (step < 0.75) editAtRandom(bob.doc, random)
      else if (step < 0.85) await ada.provider.whenSaved()
      else await Promise.resolve()
    }
    if (random() < 0.7) await settled(ada)
    ada.provider.disconnect()
    for (let edits = pickBelow(random, 4); edits > 0; edits--) editAtRandom(ada.doc, random)
    await eventually(() => ada.provider.stored)
    last = new Uint8Array(Y.encodeStateAsUpdate(ada.doc))
    await page.crash()
    await ada.close()
  }
  await bob.provider.whenSaved()
  return last
}

/** Damages the device. @returns whether all copies of an edit may be damaged */
async function damageAtRandom(device: FaultyDevice, random: () => number): Promise<boolean> {
  const side = pickBelow(random, 3)
  const rate = random()
  await device.damage(({ updates, edits, resume }) => {
    const hit = [...(side === 1 ? [] : updates), ...(side === 0 ? [] : edits)].filter(
      () => random() < rate,
    )
    const damaged = new Map<object, readonly unknown[]>()
    for (const bytes of hit) {
      const fault = FAULTS[pickBelow(random, FAULTS.length)]
      damaged.set(bytes, fault?.(bytes, random) ?? [])
    }
    if (random() < 0.3) {
      // Returns values in another order, repeats them, or exchanges them.
      const others = shuffled([...updates, ...edits], pickBelow(random, 1_000))
      for (const [i, bytes] of updates.entries()) {
        if (!damaged.has(bytes)) damaged.set(bytes, [bytes, others[i], bytes])
      }
    }
    if (resume !== null && random() < 0.2)
      damaged.set(resume, [['nonsense', null, 7, {}][pickBelow(random, 4)]])
    return damaged
  })
  return side === 2
}
