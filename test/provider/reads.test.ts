// Joining and following while the network fails. The client misses no row, no failure hides later rows,
// and `synced` is never reported too early.
import { describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { answer, dropRequest } from '../e2e/gate.ts'
import { freshDocId, readUpdateRows, roll } from '../e2e/server.ts'
import { connected, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()
const modes = ['sse', 'long-poll'] as const

function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('synced', () => {
  test('is false before state has been read and while it cannot be read', async () => {
    const ada = await connected(setup.open())
    ada.type('there')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId: ada.provider.docId, connect: false })
    const held = bob.gate.hold('state')
    const told: boolean[] = []
    bob.provider.on('synced', (synced) => told.push(synced))
    bob.provider.connect()
    await held.arrived
    expect([bob.provider.synced, bob.provider.status]).toEqual([false, 'connecting'])
    held.release()
    await bob.provider.whenSynced()
    expect(bob.text.toString()).toBe('there')

    bob.provider.disconnect()
    expect(bob.provider.synced).toBe(false)
    bob.provider.connect()
    expect(bob.provider.synced).toBe(false)
    await bob.provider.whenSynced()
    expect(told).toEqual([true, false, true])
  })

  test('does not wait for saved, nor saved for synced', async () => {
    const ada = setup.open({ connect: false })
    const writes = ada.gate.hold('updates')
    ada.provider.connect()
    ada.type('unsaved')
    await ada.provider.whenSynced()
    expect([ada.provider.synced, ada.provider.saved]).toEqual([true, false])
    writes.release()
    await ada.provider.whenSaved()

    ada.provider.disconnect()
    const reads = ada.gate.hold('state')
    ada.type('!')
    ada.provider.connect()
    await ada.provider.whenSaved()
    expect([ada.provider.synced, ada.provider.saved]).toEqual([false, true])
    reads.release()
    await ada.provider.whenSynced()
  })

  test('covers everything that was committed before the provider asked', async () => {
    const ada = await connected(setup.open())
    for (let round = 0; round < 10; round++) {
      ada.type(`${round}`)
      await ada.provider.whenSaved()
      const late = setup.open({ docId: ada.provider.docId })
      await late.provider.whenSynced()
      expect(late.text.toString()).toBe(ada.text.toString())
      await late.close()
    }
  })
})

describe('a write that is acked while state is being read', () => {
  test('is not sent again as an edit that the server lacks', async () => {
    const ada = await connected(setup.open())
    ada.provider.disconnect()
    const reply = latch()
    ada.gate.next('state', async (_call, pass) => {
      const response = await pass()
      await reply.opened
      return response
    })
    ada.provider.connect()
    await eventually(() => ada.gate.count('state') === 2)
    ada.type('meanwhile')
    await ada.provider.whenSaved()
    reply.open()
    await ada.provider.whenSynced()
    await connected(ada)
    expect(ada.gate.count('updates')).toBe(1)
    await setup.converged(ada)
  })
})

describe.each(modes)('while following (%s)', (live) => {
  test('a broken stream resumes where it ended', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, live }))
    const bob = await connected(setup.open({ docId, live }))
    const offline = bob.gate.use('segment', dropRequest)
    bob.gate.cut()
    for (let i = 0; i < 5; i++) {
      ada.type(`${i}`)
      await ada.provider.whenSaved()
    }
    offline()
    await eventually(() => bob.text.toString() === '01234')
    expect(bob.gate.count('state')).toBe(1)
    await setup.converged(ada, bob)
  })

  test('503 makes the status offline until a request succeeds', async () => {
    const ada = await connected(setup.open({ live }))
    const bob = await connected(setup.open({ docId: ada.provider.docId, live }))
    const heal = bob.gate.use('segment', answer(503, 'shape_service_unavailable'))
    bob.gate.cut()
    ada.type('news')
    // If the cut comes before the stream has begun, it is the first failure.
    await eventually(() => bob.provider.error?.status === 503)
    expect([bob.provider.status, bob.provider.synced]).toEqual(['offline', false])
    heal()
    await connected(bob)
    await setup.converged(ada, bob)
    expect(bob.provider.error).toBeNull()
  })

  test('must-refetch loses nothing and repeats nothing', async () => {
    const ada = await connected(setup.open({ live }))
    ada.type('before')
    await ada.provider.whenSaved()
    const bob = await connected(setup.open({ docId: ada.provider.docId, live }))
    for (let i = 0; i < 3; i++) {
      const states = bob.gate.count('state')
      await setup.backend.dropShape(ada.provider.docId, 0)
      ada.type(`, ${i}`)
      await eventually(() => bob.gate.count('state') > states)
      await eventually(() => bob.text.toString() === ada.text.toString())
      await connected(bob)
    }
    ada.type('!')
    await setup.converged(ada, bob)
    expect(bob.text.toString()).toBe('before, 0, 1, 2!')
  })

  test('must-refetch of every live request does not cause a storm of requests', async () => {
    const bob = setup.open({ live, connect: false, retry: { baseMs: 50, maxMs: 200 } })
    bob.gate.use('segment', async () => mustRefetch())
    bob.provider.connect()
    await eventually(() => bob.provider.status === 'offline')
    const before = bob.gate.calls.length
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(bob.gate.calls.length - before).toBeLessThan(40)
  })

  test('a folded segment (410) makes the client read state again', async () => {
    const ada = await connected(setup.open({ live }))
    const bob = await connected(setup.open({ docId: ada.provider.docId, live }))
    bob.gate.next('segment', answer(410, 'segment_folded'))
    bob.gate.cut()
    ada.type('news')
    await eventually(() => bob.gate.count('state') === 2)
    await connected(bob)
    await setup.converged(ada, bob)
    expect(bob.statuses).not.toContain('refused')
  })

  test('a client that types while a seal arrives continues in the next segment without losing or repeating edits', async () => {
    const docId = freshDocId()
    const [ada, bob] = [
      await connected(setup.open({ docId, live })),
      await connected(setup.open({ docId, live })),
    ]
    const before = [ada.statuses.length, bob.statuses.length]
    let typing = true
    const typist = (async () => {
      for (let i = 0; typing; i++) {
        ada.type(String.fromCharCode(97 + (i % 26)))
        await ada.provider.whenSaved()
      }
    })()
    await eventually(() => bob.text.length > 0)
    for (let i = 0; i < 5; i++) {
      const length = bob.text.length
      await roll(setup.server.pool, docId)
      await eventually(() => bob.text.length > length + 2)
    }
    typing = false
    await typist
    await setup.converged(ada, bob)
    expect([ada.statuses.length, bob.statuses.length]).toEqual(before)
    expect(ada.gate.count('state')).toBe(1)
    expect(bob.gate.count('state')).toBe(1)
    const own = (await readUpdateRows(setup.server.pool, docId)).filter(
      ({ batchId }) => batchId !== null,
    )
    expect(new Set(own.map(({ batchId }) => batchId)).size).toBe(own.length)
  })
})

describe('one bad row (READ-1)', () => {
  const garbage: [string, number[]][] = [
    ['garbage', [0xde, 0xad, 0xbe, 0xef, 0xff, 0xff, 0xff]],
    ['a byte', [0x07]],
    ['a truncated update', [1, 1, 0xe7, 7, 0, 4, 1, 4, 98, 111]],
  ]
  test.each(garbage)('%s in state hides no other row', async (_name, bytes) => {
    const ada = await connected(setup.open())
    const { docId } = ada.provider
    ada.type('before')
    await ada.provider.whenSaved()
    await insertRow(docId, bytes)
    ada.type(', after')
    await ada.provider.whenSaved()
    const bob = await connected(setup.open({ docId }))
    expect(bob.text.toString()).toBe('before, after')
    expect(bob.errors.map(({ code }) => code)).toContain('bad_row')
    expect([bob.provider.synced, bob.provider.saved]).toEqual([true, true])
  })

  test.each(garbage)('%s in the stream hides no other row', async (_name, bytes) => {
    const ada = await connected(setup.open())
    const { docId } = ada.provider
    const bob = await connected(setup.open({ docId }))
    ada.type('before')
    await ada.provider.whenSaved()
    await insertRow(docId, bytes)
    ada.type(', after')
    await eventually(() => bob.text.toString() === 'before, after')
    expect(bob.errors.map(({ code }) => code)).toContain('bad_row')
    expect(bob.statuses).not.toContain('offline')
    bob.type('!')
    await eventually(() => ada.text.toString() === 'before, after!')
  })

  async function insertRow(docId: string, bytes: number[]): Promise<void> {
    await setup.server.pool.query(
      `INSERT INTO ydoc_update (doc_id, segment, data)
       SELECT doc_id, segment, $2 FROM ydoc_document WHERE doc_id = $1`,
      [docId, Buffer.from(bytes)],
    )
  }
})

const mustRefetch = (): Response =>
  Response.json([{ headers: { control: 'must-refetch' } }], {
    status: 409,
    headers: { 'electric-handle': `other-${Math.random()}` },
  })
