import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from './deep.ts'
import { type History, loadHistory, parseHistory } from './history.ts'
import { type ReplayedStep, replayInMemory, replaySteps } from './historyReplay.ts'
import { expectConverged } from './oracle.ts'

const histories = path.resolve(import.meta.dirname, '../data/histories')

/**
 * Replays a history, brings every replica up to date, and returns the result that all of them agree
 * on.
 */
function replayToEnd(history: History): { text: string; steps: ReplayedStep[]; docs: Y.Doc[] } {
  const steps = [...replayInMemory(history)]
  const docs = [...new Set(steps.map(({ doc }) => doc))]
  const merged = new Y.Doc()
  merged.transact(() => {
    for (const doc of docs) Y.applyUpdate(merged, Y.encodeStateAsUpdate(doc))
  })
  for (const doc of docs) Y.applyUpdate(doc, Y.encodeStateAsUpdate(merged))
  return { text: merged.getText('body').toString(), steps, docs: [merged, ...docs] }
}

describe('one writer', () => {
  test('counts code points, and applies simultaneous and consecutive edits', async () => {
    const history = await loadHistory(path.join(histories, 'one-writer.json'))
    const { text, steps, docs } = replayToEnd(history)
    expect(text).toBe(history.endContent)
    expect(steps.map(({ editCount }) => editCount)).toEqual([1, 1, 2, 1, 0, 1])
    expectConverged(docs, { updates: steps.map(({ update }) => update) })
  })

  test('can be replayed into a text of the caller', async () => {
    const history = await loadHistory(path.join(histories, 'one-writer.json'))
    const doc = new Y.Doc()
    const origins: unknown[] = []
    doc.on('update', (_update: Uint8Array, origin: unknown) => origins.push(origin))
    for (const step of replaySteps(history)) step.apply(doc.getText('body'), 'typing')
    expect(doc.getText('body').toString()).toBe(history.endContent)
    expect(origins).toEqual(['typing', 'typing', 'typing', 'typing', 'typing'])
  })
})

describe('several writers', () => {
  test('apply each step to exactly the merge of its parents', async () => {
    const history = await loadHistory(path.join(histories, 'two-writers.json'))
    const { text, steps, docs } = replayToEnd(history)
    expect(text).toBe(history.endContent)
    expect(steps.map(({ replica, needs }) => [replica, needs])).toEqual([
      [0, []],
      [0, []],
      [1, [0]],
      [1, []],
      [0, [2, 3]],
      [1, [1]],
      // Agent 1 continued from a version without its own last edits: this is another replica of the
      // agent.
      [2, [0, 2]],
    ])
    expectConverged(docs, { updates: steps.map(({ update }) => update) })
  })

  test('produce updates that are valid in a document with later edits', async () => {
    const history = await loadHistory(path.join(histories, 'two-writers.json'))
    const { steps } = replayToEnd(history)
    const doc = new Y.Doc()
    for (const { update } of [...steps].reverse()) Y.applyUpdate(doc, update)
    expect(doc.getText('body').toString()).toBe(history.endContent)
  })
})

describe('an invalid file is reported', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-history-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const good = { startContent: '', endContent: 'a', txns: [{ patches: [[0, 0, 'a']] }] }
  const shared = { endContent: 'a', numAgents: 2, txns: [{ parents: [], agent: 0, patches: [] }] }
  const cases: [reason: RegExp, value: unknown][] = [
    [/the file should be an object, but is \[\]/, []],
    [/endContent is missing/, { txns: [] }],
    [/txns is missing/, { endContent: '' }],
    [/txns should be a list, but is 3/, { ...good, txns: 3 }],
    [/startContent should be a text/, { ...good, startContent: 1 }],
    [/txns\[0\] should be an object, but is null/, { ...good, txns: [null] }],
    [/txns\[0\]\.patches is missing/, { ...good, txns: [{}] }],
    [/patches\[0\]\[0\] should be a whole number from 0, but is -1/, txn([[-1, 0, 'a']])],
    [/patches\[0\]\[1\] should be a whole number from 0, but is 0\.5/, txn([[0, 0.5, 'a']])],
    [/patches\[0\]\[2\] is missing/, txn([[0, 0]])],
    [/patches\[0\] has more than/, txn([[0, 0, '', '']])],
    [/txns\[0\] inserts at 2 in a text of 0 characters/, txn([[2, 0, 'a']])],
    [
      /txns\[0\] deletes 2 characters at 0 in a text of 1/,
      txn([
        [0, 0, '👍'],
        [0, 2, ''],
      ]),
    ],
    [/numAgents should be a whole number from 1, but is 0/, { ...shared, numAgents: 0 }],
    [/txns\[0\]\.agent is 2 of 2/, { ...shared, txns: [{ parents: [], agent: 2, patches: [] }] }],
    [/txns\[0\]\.parents is missing/, { ...shared, txns: [{ agent: 0, patches: [] }] }],
    [/which is not earlier/, { ...shared, txns: [{ parents: [0], agent: 0, patches: [] }] }],
  ]
  function txn(patches: unknown): unknown {
    return { ...good, txns: [{ patches }] }
  }

  test.each(cases)('%s', (reason, value) => expect(() => parseHistory(value)).toThrow(reason))

  test('a position that only the replay of several writers can check', () => {
    const history = parseHistory({
      ...shared,
      txns: [{ parents: [], agent: 0, patches: [[1, 0, 'a']] }],
    })
    expect(() => [...replayInMemory(history)]).toThrow(/step 0 inserts at 1 in a text of 0/)
  })

  test('a file that is missing, truncated, or not a history', async () => {
    const file = (name: string) => path.join(folder, name)
    await expect(loadHistory(file('none.json'))).rejects.toThrow(/there is no such file/)
    await writeFile(file('text.json'), 'Dear diary')
    await expect(loadHistory(file('text.json'))).rejects.toThrow(/it is not JSON/)

    const packed = gzipSync(await readFile(path.join(histories, 'one-writer.json')))
    await writeFile(file('whole.json.gz'), packed)
    expect((await loadHistory(file('whole.json.gz'))).transactions).toHaveLength(5)
    await writeFile(file('cut.json.gz'), packed.subarray(0, packed.length / 2))
    await expect(loadHistory(file('cut.json.gz'))).rejects.toThrow(/cannot be decompressed/)
  })
})

// Real recordings are beside the checkout, on the machines that have them, and not in the repository. They are
// long, so only a deep run replays them.
const traces = path.resolve(import.meta.dirname, '../../../shared/traces')

const wanted = ['sveltecomponent', 'friendsforever', 'automerge-paper']
const recorded = !isDeep
  ? []
  : wanted.filter((name) => existsSync(path.join(traces, `${name}.json.gz`)))

test.each(recorded)(
  'the replay of a real history ends with its recorded text: %s',
  async (name) => {
    const history = await loadHistory(path.join(traces, `${name}.json.gz`))
    const began = performance.now()
    const docs = new Set<Y.Doc>()
    const updates: Uint8Array[] = []
    for (const { doc, update } of replayInMemory(history)) {
      docs.add(doc)
      updates.push(update)
    }
    const milliseconds = Math.round(performance.now() - began)
    const merged = new Y.Doc()
    for (const doc of docs) Y.applyUpdate(merged, Y.encodeStateAsUpdate(doc))
    expect(merged.getText('body').toString()).toBe(history.endContent)
    expect(docs.size).toBe(history.agentCount)
    expectConverged([merged], { updates })
    console.info(`${name}: ${updates.length} steps by ${docs.size} in ${milliseconds} ms`)
  },
)
