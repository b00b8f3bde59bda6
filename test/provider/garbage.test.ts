// A writer sends collected garbage under the ids of somebody else's unsent edits. Yjs keeps the first struct of an id, so
// everybody else would see nothing in the place of these edits, and nothing of what builds on them.
import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

interface Garbage {
  readonly clock: number
  readonly length: number
  /** The range that the update deletes; null if it deletes nothing. */
  readonly deletes: readonly [number, number] | null
}

/** An update (Yjs v1) with one struct that is garbage. */
function encode(client: number, { clock, length, deletes }: Garbage): Uint8Array {
  const encoder = encoding.createEncoder()
  const write = (...numbers: readonly number[]) => {
    for (const number of numbers) encoding.writeVarUint(encoder, number)
  }
  write(1, 1, client, clock, 0, length)
  if (deletes === null) write(0)
  else write(1, client, 1, ...deletes)
  return encoding.toUint8Array(encoder)
}

async function send(docId: string, client: number, garbage: Garbage): Promise<void> {
  const { status } = await fetch(`${setup.server.url}/docs/${docId}/updates`, {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'idempotency-key': crypto.randomUUID(),
    },
    body: new Uint8Array(encode(client, garbage)),
  })
  expect(status).toBe(201)
}

/** Expects that a new client and all of these that are not refused show the same text, with all of the words. */
async function expectShown(
  docId: string,
  words: readonly string[],
  clients: readonly GatedClient[],
) {
  const late = await connected(setup.open({ docId }))
  await eventually(() => {
    // Yjs cannot take back what it has applied: a document that cannot show the others' content is refused, and says so.
    for (const one of clients) {
      if (!isRefused(one)) expect(one.text.toString()).toBe(late.text.toString())
    }
    for (const word of words) expect(late.text.toString()).toContain(word)
  })
}

interface Step {
  readonly writer: number
  readonly word: string
  /** How many characters of its own word the writer deletes again, from its beginning. */
  readonly erased: number
  readonly waits: readonly [number, number]
}

interface Hit {
  readonly clock: number
  readonly length: number
  readonly isDeleting: string
}

const isRefused = ({ provider }: GatedClient) => provider.status === 'refused'

const CASES: readonly Garbage[] = [
  { clock: 0, length: 50, deletes: null },
  { clock: 0, length: 50, deletes: [0, 50] },
  { clock: 0, length: 4, deletes: null },
  { clock: 0, length: 4, deletes: [0, 4] },
  { clock: 2, length: 50, deletes: null },
  { clock: 2, length: 50, deletes: [0, 52] },
]

test.each(CASES)(
  'unsent edits arrive although somebody else stored garbage under their ids: %o',
  async (garbage) => {
    const docId = freshDocId()
    const [ada, bob] = [
      await connected(setup.open({ docId })),
      await connected(setup.open({ docId })),
    ]
    bob.type('bob;')
    await eventually(() => expect(ada.text.toString()).toBe('bob;'))
    const post = ada.gate.hold('updates')
    const id = ada.doc.clientID
    ada.type('first;')
    await post.arrived
    await send(docId, id, garbage)
    ada.type('second;')
    await eventually(() => expect(ada.doc.clientID).not.toBe(id))
    ada.type('third;')
    post.release()
    await ada.provider.whenSaved()
    ada.type('fourth;')
    await ada.provider.whenSaved()
    await expectShown(docId, ['bob;', 'rst;', 'second;', 'third;', 'fourth;'], [ada, bob])
    expect(ada.errors.map(({ code }) => code)).toContain('client_id_conflict')
  },
)

test.each([null, [0, 1]] as const)(
  'unsent edits arrive although somebody else stored garbage under a deleted edit that they follow (deletes: %o)',
  async (deletes) => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId }))
    const bob = await connected(setup.open({ docId }))
    const post = ada.gate.hold('updates')
    ada.type('xyz;')
    ada.text.delete(0, 1)
    await post.arrived
    await send(docId, ada.doc.clientID, { clock: 0, length: 1, deletes })
    ada.type('second;')
    await eventually(() => expect(bob.provider.synced).toBe(true))
    post.release()
    await ada.provider.whenSaved()
    await expectShown(docId, ['yz;', 'second;'], [ada, bob])
  },
)

test('a client that has written nothing takes another id if somebody deletes its edits in advance', async () => {
  const docId = freshDocId()
  const ada = await connected(setup.open({ docId }))
  const bob = await connected(setup.open({ docId }))
  const id = ada.doc.clientID
  await send(docId, id, { clock: 9, length: 1, deletes: [0, 1_000] })
  await eventually(() => expect(ada.doc.clientID).not.toBe(id))
  ada.type('kept;')
  await ada.provider.whenSaved()
  await expectShown(docId, ['kept;'], [ada, bob])
  expect(ada.errors).toEqual([])
})

test('after garbage at any time, all clients that are not refused agree, and later edits arrive', async () => {
  const clock = fc.nat({ max: 12 })
  const hit = fc.record({
    clock,
    length: fc.integer({ min: 1, max: 60 }),
    isDeleting: fc.constantFrom('nothing', 'itself', 'everything'),
  })
  const step = fc.record({
    writer: fc.nat({ max: 1 }),
    word: fc.string({ unit: fc.constantFrom('x', 'y', 'z'), maxLength: 9 }),
    erased: fc.nat({ max: 3 }),
    waits: fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 })),
  })
  const steps = fc.array(step, { minLength: 4, maxLength: 8 })
  const hits = fc.array(fc.tuple(fc.nat({ max: 7 }), hit), { minLength: 2, maxLength: 2 })
  const run = async (written: readonly Step[], garbage: readonly (readonly [number, Hit])[]) => {
    const docId = freshDocId()
    const people = [await connected(setup.open({ docId })), await connected(setup.open({ docId }))]
    for (const [at, { writer, word, erased, waits }] of written.entries()) {
      const { text } = people[writer] as GatedClient
      text.insert(text.length, `${word};`)
      text.delete(text.length - word.length - 1, Math.min(erased, word.length))
      await pause(waits[0])
      for (const [target, [when, one]] of garbage.entries()) {
        const client = people[target]?.doc.clientID
        if (when === at && client !== undefined) await send(docId, client, withDeletes(one))
      }
      await pause(waits[1])
    }
    await Promise.all(people.map(({ provider }) => provider.whenSaved()))
    // The garbage has been read: an edit that follows it has arrived. It may delete text that is written with its ids.
    const carol = await connected(setup.open({ docId }))
    carol.type('[read]')
    const hasRead = (one: GatedClient) =>
      one.provider.synced && one.text.toString().includes('[read]')
    await Promise.all(people.map((one) => eventually(() => isRefused(one) || hasRead(one))))
    await carol.close()
    const words = ['[the end of ada]', '[the end of bob]']
    for (const [i, one] of people.entries()) one.type(words[i] ?? '')
    await Promise.all(people.map(({ provider }) => provider.whenSaved()))
    await expectShown(docId, words, people)
    await Promise.all(people.map((one) => one.close()))
  }
  await fc.assert(fc.asyncProperty(steps, hits, run), {
    numRuns: isDeep ? 200 : 6,
    endOnFailure: true,
  })
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const withDeletes = ({ clock, length, isDeleting }: Hit): Garbage => {
  if (isDeleting === 'nothing') return { clock, length, deletes: null }
  return {
    clock,
    length,
    deletes: isDeleting === 'itself' ? [clock, length] : [0, clock + length],
  }
}
