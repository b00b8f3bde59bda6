import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { addRequest, endRequest, readRequest } from './requests.ts'
import { runAnswer } from './runAnswer.ts'
import { byRules, SourceError, type TextSource } from './sources.ts'
import { addLine, linesIn, type TestPeer, TestServer } from './testing/world.ts'
import { undoAnswer } from './undo.ts'

const PACE_MS = 10
const SETTLE_MS = 100

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Lets everything happen that needs no message and no more time. */
const breathe = () => vi.advanceTimersByTimeAsync(0)
/** Delivers all messages once per word. */
async function words(count: number, ...peers: TestPeer[]): Promise<void> {
  for (let word = 0; word < count; word++) {
    await vi.advanceTimersByTimeAsync(PACE_MS)
    for (const peer of peers) peer.send()
    for (const peer of peers) peer.receive()
    await breathe()
  }
}

function ask(doc: Y.Doc, prompt: string, index = 0): void {
  const said = { id: 'a', prompt, asker: 'Ada', askedAt: 1, source: 'rules', runner: 'first' }
  addRequest(doc, { ...said, index, field: 'default' })
}

const rules = byRules(PACE_MS)
function run(peer: TestPeer, runner = 'first', source: TextSource = rules): Promise<void> {
  const request = readRequest(peer.doc, 'a')
  return runAnswer({
    peer,
    field: 'default',
    presence: {},
    requestId: 'a',
    runner,
    prompt: request?.prompt ?? '',
    source,
    sourceName: 'rules',
    isTakingOver: runner !== 'first',
    settleMs: SETTLE_MS,
  })
}

/** A person's page and the assistant's client beside it, with a request that both have. */
function begin(prompt: string, lines: readonly string[] = ['Hello.'], index = lines.length) {
  const server = new TestServer()
  const page = server.join()
  for (const line of lines) addLine(page.doc, line)
  ask(page.doc, prompt, index)
  page.send()
  const agent = server.join()
  return { server, page, agent }
}

test('an answer is a paragraph of its own after the chosen block, with a caret at its end', async () => {
  const { page, agent } = begin('count to 3', ['Above.', 'Below.'], 1)
  void run(agent)
  await breathe()
  await words(2, agent, page)
  expect(linesIn(page.doc)).toEqual(['Above.', '1 2', 'Below.'])
  expect(agent.awareness.getLocalState()?.cursor?.anchor).toBeDefined()
  await words(4, agent, page)
  expect(linesIn(page.doc)).toEqual(['Above.', '1 2 3', 'Below.'])
  expect(readRequest(page.doc, 'a')?.state).toBe('done')
  expect(agent.awareness.getLocalState()).toBeNull()
})

test('line breaks of an answer begin paragraphs, and cause no empty ones', async () => {
  const { page, agent } = begin('anything')
  const pieces = ['\n\nOne', ' line.\n', '\n', ' Two.', '\r\nThree.\n\n']
  void run(agent, 'first', async function* () {
    yield* pieces
  })
  await breathe()
  await words(8, agent, page)
  expect(linesIn(page.doc)).toEqual(['Hello.', 'One line.', 'Two.', 'Three.'])
})

test('the next piece is written only after the server has stored the last one', async () => {
  const { agent } = begin('count to 9')
  void run(agent)
  await breathe()
  await vi.advanceTimersByTimeAsync(5 * PACE_MS)
  expect(linesIn(agent.doc)).toEqual(['Hello.', '1'])
  agent.send()
  await breathe()
  // All words since then are one piece.
  expect(linesIn(agent.doc)).toEqual(['Hello.', '1 2 3 4 5'])
})

test('anyone stops an answer, and what people typed meanwhile stays', async () => {
  const { page, agent, server } = begin('count to 100')
  const bob = server.join()
  void run(agent)
  await breathe()
  await words(3, agent, page, bob)
  addLine(bob.doc, 'Enough!')
  endRequest(bob.doc, 'a', 'stopped', 'Stopped by Bob.')
  await words(5, bob, agent, page)
  const stopped = linesIn(page.doc)
  await words(5, bob, agent, page)
  expect(linesIn(page.doc)).toEqual(stopped)
  expect(stopped.at(-1)).toBe('Enough!')
  expect(readRequest(page.doc, 'a')).toMatchObject({ state: 'stopped', note: 'Stopped by Bob.' })
})

test('after a reload the answer continues where it ended', async () => {
  const { page, agent, server } = begin('count to 6')
  void run(agent)
  await breathe()
  await words(3, agent, page)
  expect(linesIn(page.doc)).toEqual(['Hello.', '1 2 3'])
  // The page is gone, and its client never hears or says anything again.
  agent.awareness.destroy()
  const again = server.join()
  void run(again)
  await breathe()
  await words(6, again, page)
  expect(linesIn(page.doc)).toEqual(['Hello.', '1 2 3 4 5 6'])
})

test('an answer whose paragraph a person deletes ends', async () => {
  const { page, agent } = begin('count to 100')
  void run(agent)
  await breathe()
  await words(3, agent, page)
  page.doc.getXmlFragment('default').delete(1, 1)
  await words(4, page, agent)
  expect(linesIn(page.doc)).toEqual(['Hello.'])
  expect(readRequest(page.doc, 'a')).toMatchObject({
    state: 'stopped',
    note: 'The text that the answer continues was deleted.',
  })
})

test('a source that fails leaves its text and says why', async () => {
  const { page, agent } = begin('anything')
  void run(agent, 'first', async function* () {
    yield 'Half'
    throw new SourceError('The endpoint failed: no memory.')
  })
  await breathe()
  await words(4, agent, page)
  expect(linesIn(page.doc)).toEqual(['Hello.', 'Half'])
  expect(readRequest(page.doc, 'a')).toMatchObject({
    state: 'failed',
    note: 'The endpoint failed: no memory.',
  })
})

test('a client whose edits the server refuses ends, without a word in the document', async () => {
  const { page, agent } = begin('count to 9')
  const done = run(agent)
  await breathe()
  await vi.advanceTimersByTimeAsync(2 * PACE_MS)
  agent.refuse()
  await done
  expect(linesIn(page.doc)).toEqual(['Hello.'])
})

test('an undo removes the whole answer in any page, and a piece that was still on its way', async () => {
  const { page, agent, server } = begin('count to 100')
  const bob = server.join()
  void run(agent)
  await breathe()
  await words(4, agent, page, bob)
  // Written, and not sent yet.
  await vi.advanceTimersByTimeAsync(PACE_MS)
  endRequest(bob.doc, 'a', 'stopped')
  undoAnswer(bob.doc, 'a')
  expect(linesIn(bob.doc)).toEqual(['Hello.'])
  bob.send()
  agent.receive()
  await words(4, agent, page, bob)
  expect([linesIn(page.doc), linesIn(bob.doc)]).toEqual([['Hello.'], ['Hello.']])
  expect(readRequest(page.doc, 'a')?.state).toBe('undone')
})

test('a run that was offline while another one took over stops, and deletes its unsent words', async () => {
  const { page, agent, server } = begin('count to 6')
  const first = run(agent)
  await breathe()
  await words(2, agent, page)
  // Written, and not sent.
  await vi.advanceTimersByTimeAsync(PACE_MS)
  expect(linesIn(agent.doc)).toEqual(['Hello.', '1 2 3'])
  const other = server.join()
  void run(other, 'second')
  await words(20, other, page)
  expect(linesIn(page.doc)).toEqual(['Hello.', '1 2 3 4 5 6'])
  await words(4, agent, other, page)
  await first
  expect(linesIn(page.doc)).toEqual(['Hello.', '1 2 3 4 5 6'])
})

test('exactly one of several runs that take over at the same time writes, whenever their messages arrive', async () => {
  const delivery = fc.record({ peer: fc.nat(2), kind: fc.constantFrom('send', 'receive', 'time') })
  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { minLength: 15, maxLength: 30 }), async (deliveries) => {
      vi.clearAllTimers()
      const { page, agent, server } = begin('count to 8')
      void run(agent)
      await breathe()
      await words(2, agent, page)
      const others = [server.join(), server.join()]
      const peers = [agent, ...others]
      const runs = others.map((peer, index) => run(peer, `other ${index}`))
      await breathe()
      for (const { peer, kind } of deliveries) {
        if (kind === 'send') peers[peer]?.send()
        else if (kind === 'receive') peers[peer]?.receive()
        // Less than the pause for which a claim waits: it bounds how late a message may arrive.
        else await vi.advanceTimersByTimeAsync(SETTLE_MS / 40)
        await breathe()
      }
      for (const peer of peers) peer.send()
      for (const peer of peers) peer.receive()
      await breathe()
      await words(40, ...peers, page)
      await Promise.all(runs)
      expect(linesIn(page.doc)).toEqual(['Hello.', '1 2 3 4 5 6 7 8'])
      expect(readRequest(page.doc, 'a')?.state).toBe('done')
    }),
    { numRuns: isDeep ? 2_000 : 60 },
  )
})
