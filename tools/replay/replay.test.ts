// Recorded histories through real providers and a real server, on each kind of database.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { BACKENDS, readStored, startServer, type TestServer } from '../../test/e2e/server.ts'
import { type History, loadHistory } from '../../test/harness/history.ts'
import { replaySteps } from '../../test/harness/historyReplay.ts'
import { rebuild } from '../../test/harness/oracle.ts'
import { replayDocument } from './replayDocument.ts'
import { type Script, TEXT_NAME, writeScript } from './script.ts'

const root = path.resolve(import.meta.dirname, '../..')
const shipped = path.join(root, 'test/data/histories')
/** Recordings that this repository may not contain. They are replayed if they exist beside the repository. */
const traces = path.join(root, '../shared/traces')

interface Prepared {
  readonly history: History
  readonly script: Script
}

/** Each history is read, and its script is made, once for all databases. */
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

describe.each(BACKENDS)('on %s', (backend) => {
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

  test.runIf(existsSync(traces))('a long session becomes many rows, not one', async () => {
    const file = path.join(traces, 'sveltecomponent.json.gz')
    const part = await prepare(file, (history) => firstPart(history, 6_000))
    const { rows, edits } = await replay(part)
    expect(edits).toBeGreaterThanOrEqual(6_000)
    expect(rows).toBeGreaterThan(50)
  })

  test.runIf(existsSync(traces))('two writers at once agree', async () => {
    await replay(await prepare(path.join(traces, 'friendsforever.json.gz')))
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

/** The first transactions of a history, with the text that they give. */
function firstPart(history: History, transactions: number): History {
  const part = { ...history, transactions: history.transactions.slice(0, transactions) }
  const doc = new Y.Doc()
  const text = doc.getText()
  for (const step of replaySteps(part)) step.apply(text)
  return { ...part, endContent: text.toString() }
}
