// Two writers with one client id, which Yjs does not allow: no text is lost, and both get an error.
import { describe, expect, test } from 'vitest'
import { memory } from 'y-electric'
import { foldRows } from 'y-electric/protocol'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { dropAnswer, dropRequest, type Rule } from '../e2e/gate.ts'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()
const TWIN = 4711

function twinDoc(): Y.Doc {
  const doc = new Y.Doc()
  doc.clientID = TWIN
  return doc
}
const codes = ({ errors }: GatedClient) => errors.map(({ code }) => code)
const isSaved = (client: GatedClient) => eventually(() => client.provider.saved)

async function serverText(docId: string): Promise<string> {
  return rebuild(await readStored(setup.server.pool, docId))
    .getText('body')
    .toString()
}
const seeds = Array.from({ length: isDeep ? 100 : 2 }, () => Math.floor(Math.random() * 2 ** 31))
/** Waits for this many iterations of the event loop. */
async function eventLoopIterations(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
const timesIn = (text: string, part: string): number => text.split(part).length - 1

/** Expects that existing readers and a new one see each word once. */
async function expectEachOnce(docId: string, words: readonly string[], ...readers: GatedClient[]) {
  const late = await connected(setup.open({ docId }))
  await eventually(async () => {
    const text = await serverText(docId)
    expect(words.map((word) => [word, timesIn(text, word)])).toEqual(words.map((word) => [word, 1]))
    for (const reader of [late, ...readers]) expect(reader.text.toString()).toBe(text)
  })
  // Requests arrive in a fixed order; otherwise the hidden edits would differ.
  const there = rebuild(await readStored(setup.server.pool, docId))
  await eventually(() => expectConverged([there, late.doc, ...readers.map(({ doc }) => doc)]))
}

describe('two writers with one client id', () => {
  test('both get an error if they write at the same time, and both texts are stored once', async () => {
    const docId = freshDocId()
    const reader = await connected(setup.open({ docId }))
    const [ada, bob] = [twinDoc(), twinDoc()].map((doc) => setup.open({ docId, doc })) as [
      GatedClient,
      GatedClient,
    ]
    await Promise.all([connected(ada), connected(bob)])
    ada.type('from ada, ')
    bob.type('from bob, at length, ')
    await eventually(() => expect([codes(ada), codes(bob)].flat()).toHaveLength(2))
    expect([codes(ada), codes(bob)]).toEqual([['client_id_conflict'], ['client_id_conflict']])
    await Promise.all([isSaved(ada), isSaved(bob)])
    await expectEachOnce(docId, ['from ada, ', 'from bob, at length, '], reader)
    expect([ada.doc.clientID, bob.doc.clientID]).not.toContain(TWIN)
    expect(ada.doc.clientID).not.toBe(bob.doc.clientID)
    // One of them shows the same as all other clients and continues. The other cannot, and reports it.
    await eventually(() => {
      const statuses = [ada, bob].map(({ provider }) => provider.status)
      expect(statuses.sort()).toEqual(['connected', 'refused'])
    })
    const [parted] = [ada, bob].filter(({ provider }) => provider.status === 'refused')
    expect(parted?.provider.synced).toBe(false)
    expect(parted?.provider.error?.message).toContain('new Y.Doc')
  })

  test('lose nothing, and send no text of the other, if the longer text is stored first', async () => {
    const docId = freshDocId()
    const reader = await connected(setup.open({ docId }))
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    const bob = await connected(setup.open({ docId, doc: twinDoc() }))
    const post = ada.gate.hold('updates')
    ada.type('[ada]')
    await post.arrived
    bob.type('[from bob, at length]')
    await bob.provider.whenSaved()
    // Yjs appends the end of Bob's text, whose ids are free in Ada's document.
    await eventually(() => expect(ada.text.toString()).toBe('[ada] bob, at length]'))
    post.release()
    await isSaved(ada)
    await expectEachOnce(docId, ['[ada]', '[from bob, at length]', ' bob, at length]'], reader, bob)
    await connected(bob)
    expect([ada, bob].map(codes)).toEqual([['client_id_conflict'], ['client_id_conflict']])
  })

  test('lose nothing if one was offline, and only that one cannot continue', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('from ada, ')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId, doc: twinDoc(), connect: false })
    bob.type('from ')
    await Promise.resolve()
    bob.type('bob, ')
    bob.text.delete(0, 1)
    bob.provider.connect()
    await eventually(() => bob.provider.status === 'refused')
    await isSaved(bob)
    expect(codes(bob)).toEqual(['client_id_conflict'])
    await connected(ada)
    await expectEachOnce(docId, ['rom ada, ', 'rom bob, '], ada)
  })

  test('lose no row that is stored while state is being read', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('[ada]')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId, doc: twinDoc(), connect: false })
    bob.type('[bob, at length]')
    const post = bob.gate.hold('updates')
    const state = bob.gate.hold('state', 'answers')
    bob.provider.connect()
    await Promise.all([post.arrived, state.arrived])
    post.release()
    await eventually(() => bob.provider.unsavedUpdate() === null)
    state.release()
    await eventually(() => bob.provider.status === 'refused')
    await isSaved(bob)
    await expectEachOnce(docId, ['[ada]', '[bob, at length]', ' at length]'], ada)
  })

  test('lose no row that was stored before the writer reconnected', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('[ada]')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId, doc: twinDoc(), connect: false })
    bob.type('[bob, at length]')
    const post = bob.gate.hold('updates', 'answers')
    bob.provider.connect()
    await post.arrived
    // The answer is lost, and the next try is the first one of a new connection.
    bob.provider.reconnect()
    post.release()
    await eventually(() => bob.provider.status === 'refused')
    await isSaved(bob)
    await expectEachOnce(docId, ['[ada]', '[bob, at length]', ' at length]'], ada)
  })

  test('send nothing twice if an abandoned request arrives late', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('[ada]')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId, doc: twinDoc(), connect: false })
    bob.type('[bob, at length]')
    const state = bob.gate.hold('state', 'answers')
    const late: (() => Promise<Response>)[] = []
    const goOn = bob.gate.use('updates', async (call, pass) => {
      late.push(pass)
      return dropRequest(call, pass)
    })
    bob.provider.connect()
    await Promise.all([state.arrived, eventually(() => codes(bob).includes('network'))])
    state.release()
    // The document has now been compared with state.
    await eventually(() => bob.doc.clientID !== TWIN)
    goOn()
    await eventually(() => bob.provider.status === 'refused')
    await isSaved(bob)
    await late[0]?.()
    await expectEachOnce(docId, ['[ada]', '[bob, at length]', ' at length]'], ada)
  })

  test('lose no later edit, and retries send nothing twice', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('[from ada]')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId, doc: twinDoc(), connect: false })
    bob.type('[bob begins]')
    bob.provider.connect()
    await eventually(() => bob.provider.status === 'refused')
    bob.text.insert(1, 'bold ')
    bob.type('[bob continues]')
    bob.provider.connect()
    bob.provider.reconnect()
    bob.provider.disconnect()
    bob.type('[bob ends]')
    bob.provider.connect()
    await isSaved(bob)
    // If Ada typed this at the same time, it could end up between Bob's last words.
    await eventually(() => ada.text.toString().includes('[bob ends]'))
    ada.type('[ada ends]')
    await expectEachOnce(
      docId,
      ['[from ada]', '[bold bob begins][bob continues][bob ends]', '[ada ends]'],
      ada,
    )
    expect(bob.provider.status).toBe('refused')
    await connected(ada)
  })

  test('have all text after a reload, even from a device store', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('from ada, ')
    await ada.provider.whenSaved()
    const persistence = memory()
    const bob = setup.open({ docId, doc: twinDoc(), persistence, connect: false })
    bob.type('from bob, ')
    await eventually(() => bob.provider.stored)
    bob.provider.connect()
    await eventually(() => bob.provider.status === 'refused')
    bob.type('and on, ')
    await isSaved(bob)
    await bob.close()
    const again = await connected(setup.open({ docId, persistence }))
    await expectEachOnce(docId, ['from ada, ', 'from bob, and on, '], ada, again)
    expect(codes(again)).toEqual([])
  })

  test('lose nothing after a shared beginning, as copies of one process have it', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('[shared]')
    await ada.provider.whenSaved()
    const copy = twinDoc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(ada.doc))
    copy.clientID = TWIN
    const bob = await connected(setup.open({ docId, doc: copy }))
    expect(bob.doc.clientID).toBe(TWIN)
    ada.type('[from ada]')
    bob.type('[from bob]')
    await eventually(() => expect([codes(ada), codes(bob)].flat()).toHaveLength(2))
    await Promise.all([isSaved(ada), isSaved(bob)])
    await expectEachOnce(docId, ['[shared]', '[from ada]', '[from bob]'])
  })

  test('are detected before they write with the same ids, if one of them only listens', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId, doc: twinDoc() }))
    ada.type('[one]')
    await ada.provider.whenSaved()
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(ada.doc))
    copy.clientID = TWIN
    const bob = await connected(setup.open({ docId, doc: copy }))
    ada.type('[two]')
    await eventually(() => bob.text.toString() === '[one][two]')
    expect(bob.doc.clientID).not.toBe(TWIN)
    bob.type('[three]')
    await expectEachOnce(docId, ['[one][two][three]'], ada, bob)
    expect([bob, ada].map(({ provider }) => provider.status)).toEqual(['connected', 'connected'])
  })

  test.each(seeds)(
    'keep every word once if requests and answers are delayed or lost (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const docId = freshDocId()
      const people = Array.from({ length: 2 + pickBelow(random, 2) }, () =>
        setup.open({ docId, doc: twinDoc(), retry: { baseMs: 1, maxMs: 1 } }),
      )
      await Promise.all(people.map(connected))
      const waiting: (() => void)[] = []
      let isSlow = true
      /** Delays each request and each answer at random. */
      const randomDelay = () =>
        new Promise<void>((resolve) => (isSlow ? waiting.push(resolve) : resolve()))
      const slow: Rule = async (call, pass) => {
        const rule = ([dropRequest, dropAnswer] as const)[pickBelow(random, 6)]
        await randomDelay()
        const answerLater = async () => {
          const response = await pass()
          await randomDelay()
          return response
        }
        return rule === undefined ? answerLater() : rule(call, answerLater)
      }
      const ends = people.flatMap(({ gate }) => [
        gate.use('updates', slow),
        gate.use('state', slow),
      ])
      const words: string[] = []
      for (let i = 0; i < 60; i++) {
        const who = pickBelow(random, people.length)
        if (words.length < 14 && pickBelow(random, 3) === 0) {
          const word = `<${'abc'[who]}${i}${'x'.repeat(pickBelow(random, 9))}>`
          words.push(word)
          people[who]?.type(word)
        } else if (pickBelow(random, 15) === 0) people[who]?.provider.reconnect()
        else waiting.splice(pickBelow(random, waiting.length + 1), 1)[0]?.()
        await eventLoopIterations(pickBelow(random, 20))
      }
      for (const end of ends) end()
      // Requests in flight keep the rule with which they began.
      isSlow = false
      for (const go of waiting.splice(0)) go()
      await Promise.all(people.map(isSaved))
      await expectEachOnce(docId, words)
    },
  )

  test.each(seeds)('keep every word once if both type continuously (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const docId = freshDocId()
    const people = [twinDoc(), twinDoc()].map((doc) => setup.open({ docId, doc }))
    await Promise.all(people.map(connected))
    const words: string[] = []
    for (let i = 0; i < 12; i++) {
      const who = pickBelow(random, 2)
      // No word begins like another one.
      const word = `<${who === 0 ? `a${i}` : `${i}b`}${'x'.repeat(pickBelow(random, 9))}>`
      words.push(word)
      people[who]?.type(word)
      await eventLoopIterations(pickBelow(random, 4))
    }
    await Promise.all(people.map(isSaved))
    await expectEachOnce(docId, words)
    const rows = (await readUpdateRows(setup.server.pool, docId)).sort((a, b) => a.seq - b.seq)
    const { doc } = foldRows({ previous: null, rows }, true)
    expect(doc.getText('body').toString()).toBe(await serverText(docId))
  })
})

test('a client id that an app uses for one page after another is not a conflict', async () => {
  const docId = freshDocId()
  for (const word of ['one ', 'two ', 'three ']) {
    const page = await connected(setup.open({ docId, doc: twinDoc() }))
    page.type(word)
    await page.provider.whenSaved()
    expect(codes(page)).toEqual([])
    await page.close()
  }
  expect(await serverText(docId)).toBe('one two three ')
})
