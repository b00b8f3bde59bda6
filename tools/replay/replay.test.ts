// Recorded histories through real providers and a real server, on each kind of database.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import {
  DOCUMENT_BACKENDS,
  readStored,
  startServer,
  type TestServer,
} from '../../test/e2e/server.ts'
import { isDeep } from '../../test/harness/deep.ts'
import { type History, loadHistory } from '../../test/harness/history.ts'
import { replayInMemory } from '../../test/harness/historyReplay.ts'
import { rebuild } from '../../test/harness/oracle.ts'
import { replayDocument } from './replayDocument.ts'
import { type Script, TEXT_NAME, writeScript } from './script.ts'

const root = path.resolve(import.meta.dirname, '../..')
const shipped = path.join(root, 'test/data/histories')
/**
 * Recordings that this repository may not contain. Deep tests replay them if they exist beside the repository.
 */
const traces = path.join(root, '../shared/traces')

/** The beginning of the longest trace, which has every kind of edit of the whole: see `kindsOf`. */
const LONG_SESSION = 6_000

interface Prepared {
  readonly history: History
  readonly script: Script
}

/** The tests read each history, and make its script, once for all databases. */
const prepared = new Map<string, Promise<Prepared>>()

function prepare(file: string, select = (history: History) => history): Promise<Prepared> {
  const known = prepared.get(file)
  if (known !== undefined) return known
  const made = loadHistory(file).then((whole) => {
    const history = select(whole)
    return { history, script: writeScript(history) }
  })
  prepared.set(file, made)
  return made
}

const agreement = { writer: null, liveReader: null, coldReader: null }

describe.each(DOCUMENT_BACKENDS)('on %s', (backend) => {
  const testTrace = test.runIf(isDeep && existsSync(traces))

  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ backend })
  })
  afterAll(() => server.close())

  async function replay({ history, script }: Prepared) {
    const result = await replayDocument({ mountPoint: server.url, history, script })
    expect(result.disagreements).toEqual(agreement)
    expect(result.edits).toBe(script.flat().reduce((sum, { editCount }) => sum + editCount, 0))

    const stored = await readStored(server.pool, result.docId)
    // A fold replaces many update rows by one snapshot row.
    const kept = stored.updates.filter(({ byteLength }) => byteLength > 0)
    if (stored.snapshot === undefined) expect(kept).toHaveLength(result.rows)
    const rebuilt = rebuild(stored)
    expect(rebuilt.getText(TEXT_NAME).toString()).toBe(history.endContent)
    rebuilt.destroy()
    return result
  }

  test.each(['one-writer.json', 'two-writers.json', 'editor-session.json.gz'])(
    'the shipped history %s reaches every client and the stored rows',
    async (file) => {
      await replay(await prepare(path.join(shipped, file)))
    },
  )

  testTrace(
    `a long session becomes many rows, not one (its first ${LONG_SESSION} transactions)`,
    async () => {
      const file = path.join(traces, 'sveltecomponent.json.gz')
      const part = await prepare(file, (whole) => firstPart(whole, LONG_SESSION))
      const { rows, edits } = await replay(part)
      expect(edits).toBeGreaterThanOrEqual(LONG_SESSION)
      expect(rows).toBeGreaterThan(LONG_SESSION / 120)
    },
  )

  testTrace('two simultaneous writers agree', async () => {
    const file = path.join(traces, 'friendsforever.json.gz')
    await replay(await prepare(file))
  })
})

test('the replay ends with a reason if the server never answers', async () => {
  const server = await startServer({ backend: 'postgres' })
  const history = await loadHistory(path.join(shipped, 'one-writer.json'))
  await server.close()
  const replay = replayDocument({
    mountPoint: server.url,
    history,
    script: writeScript(history),
    patienceMs: 500,
  })
  await expect(replay).rejects.toThrow(/the server sent nothing.*cannot be reached/)
})

/** The same session, as if its writers had stopped earlier. It has every kind of edit of the whole. */
function firstPart(history: History, transactions: number): History {
  if (transactions >= history.transactions.length) return history
  const part = { ...history, transactions: history.transactions.slice(0, transactions) }
  expect(kindsOf(part)).toEqual(kindsOf(history))
  const merged = new Y.Doc({ guid: 'part' })
  const docs = new Set<Y.Doc>()
  for (const { doc } of replayInMemory(part, TEXT_NAME)) docs.add(doc)
  for (const doc of docs) Y.applyUpdate(merged, Y.encodeStateAsUpdate(doc))
  return { ...part, endContent: merged.getText(TEXT_NAME).toString() }
}

/** The variety of a history: kinds of edits, who writes, and how transactions build on each other. */
function kindsOf({ transactions }: History): string[] {
  const kinds = transactions.flatMap(({ patches, agent, parents }) => [
    `agent ${agent}`,
    `${parents.length} parents`,
    patches.length > 1 ? 'several patches' : 'one patch',
    ...patches.map(
      ({ deleted, inserted }) =>
        `${deleted > 0 ? 'deletes' : ''} ${inserted.length > 0 ? 'inserts' : ''}`,
    ),
  ])
  return [...new Set(kinds)].sort()
}
