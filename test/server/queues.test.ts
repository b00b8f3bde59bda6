// Attackers cause much work; other users are served nevertheless.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Authorize } from '@y-electric/server'
import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { encodeFoldProposal, FOLD_MEDIA_TYPE, foldsPath } from 'y-electric/protocol'
import { bomb } from '../../packages/server/src/compaction/testing/bomb.ts'
import { createApi, createSealedDocument, createWriter, honestProposal } from '../compaction/api.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { backends, documentBackends } from '../harness/database.ts'
import { expectError, getState, postUpdate } from './api.ts'

/** The hook takes the user from a header. */
const authorize: Authorize = ({ request }) => {
  const user = request.headers.get('x-user')
  return user === null ? 'allow' : { user }
}

describe.each(backends)('on %s', (name) => {
  const backend = useBackend(name)
  /** For what takes seconds of a worker's processor time, in which the database has no part. */
  const testOfWorker = test.runIf(documentBackends.includes(name))
  const servers: TestServer[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
  })

  const serve = async (options: Partial<Parameters<typeof serveApp>[0]> = {}) => {
    // No timeout ends the attacker's work in these tests: only a disconnect does, or users who wait.
    const patient = { verifyTimeoutMs: 600_000, inspectTimeoutMs: 600_000 }
    const memory = { verifyMemoryMb: 4_096, inspectMemoryMb: 4_096 }
    const server = await serveApp({
      backend: backend.current,
      authorize,
      minRollRows: 1,
      ...patient,
      ...memory,
      ...options,
    })
    servers.push(server)
    return server
  }

  const api = () => createApi(backend.current)

  /** A document whose snapshot row keeps a worker busy without end. */
  async function endlessDocument(): Promise<string> {
    const docId = freshDocId('endless')
    await api().append(docId, createWriter().type('x'))
    await api().roll(docId, 0)
    await backend.current.pool.query(
      'INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, 0, $2)',
      [docId, Buffer.from(bomb())],
    )
    return docId
  }

  /**
   * A document with a sealed segment. Each of its folds keeps a worker busy without end, because of the
   * snapshot row, which an older server stored. A proposal cannot do that, since the server counts its
   * structs first.
   */
  async function endlessFold(): Promise<{
    docId: string
    data: Uint8Array
    mend(): Promise<void>
  }> {
    const { pool } = backend.current
    const { docId } = await createSealedDocument(api(), 1)
    const data = await honestProposal(api(), docId, 0)
    await pool.query(
      'INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, -1, $2)',
      [docId, Buffer.from(bomb())],
    )
    const mend = async () => {
      await pool.query('DELETE FROM ydoc_snapshot WHERE doc_id = $1', [docId])
    }
    return { docId, data, mend }
  }

  async function writtenDocument(): Promise<string> {
    const docId = freshDocId('honest')
    await api().append(docId, createWriter().type('honest'))
    return docId
  }

  interface Asking {
    readonly user?: string
    readonly signal?: AbortSignal
  }
  const from = ({ user, signal }: Asking) => ({
    headers: user === undefined ? {} : { 'x-user': user },
    ...(signal && { signal }),
  })
  const read = ({ url }: TestServer, docId: string, asking: Asking = {}) =>
    fetch(`${url}/docs/${docId}?format=text`, from(asking))
  const fold = ({ url }: TestServer, docId: string, data: Uint8Array, asking: Asking = {}) => {
    const { headers, ...rest } = from(asking)
    return fetch(url + foldsPath(docId), {
      method: 'POST',
      headers: { ...headers, 'content-type': FOLD_MEDIA_TYPE },
      body: encodeFoldProposal({ throughSegment: 0, data }) as BodyInit,
      ...rest,
    })
  }
  /** A pool with the same connections that reports when the first fold starts. */
  function watched() {
    const { pool } = backend.current
    let hasBegun = () => {}
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const query = (...parameters: Parameters<pg.Pool['query']>) => {
      const [text] = parameters as unknown as [unknown]
      if (typeof text === 'string' && text.includes('ydoc_compaction_key')) hasBegun()
      return pool.query(...parameters)
    }
    return { pool: { query, connect: () => pool.connect() } as unknown as pg.Pool, begun }
  }
  /** The result of the request does not matter, and does not fail the test. */
  const ignored = (request: Promise<unknown>) => void request.catch(() => {})
  const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

  test('readers that hung up do not delay others', async () => {
    const server = await serve({ maxWaitingInspections: 100 })
    const [endless, honest] = [await endlessDocument(), await writtenDocument()]
    const attacker = new AbortController()
    for (let i = 0; i < 50; i++) ignored(read(server, endless, { signal: attacker.signal }))
    await settle()
    const waiting = read(server, honest)
    attacker.abort()
    // All requests come from one address, so this one waits behind the others until they are dropped.
    expect(await (await waiting).text()).toBe('honest')
  })

  test('one user who reads without pause does not delay other users', async () => {
    const server = await serve()
    const [endless, honest] = [await endlessDocument(), await writtenDocument()]
    const attacker = new AbortController()
    const asking = { user: 'attacker', signal: attacker.signal }
    for (let i = 0; i < 50; i++) ignored(read(server, endless, asking))
    await settle()
    expect(await (await read(server, honest, { user: 'ada' })).text()).toBe('honest')
    attacker.abort()
  })

  test('readers of a user with a full queue are refused with Retry-After, and other users are served', async () => {
    const server = await serve({ maxWaitingInspections: 3, busyRetryAfterSeconds: 7 })
    const [endless, honest] = [await endlessDocument(), await writtenDocument()]
    const attacker = new AbortController()
    const asking = { user: 'attacker', signal: attacker.signal }
    // Two reads run without end and three wait, so only one is answered.
    const reads = Array.from({ length: 6 }, () => read(server, endless, asking))
    reads.forEach(ignored)
    const refused = await Promise.race(reads)
    expect(refused.headers.get('retry-after')).toBe('7')
    await expectError(refused, 503, 'server_busy')
    expect((await read(server, honest, { user: 'ada' })).status).toBe(200)
    expect(server.errors).toEqual([])
    attacker.abort()
  })

  test('a long fold delays no writer and no reader', async () => {
    const server = await serve()
    const { docId, data } = await endlessFold()
    const attacker = new AbortController()
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    let isOver = false
    const slow = fold(server, docId, data, { signal: attacker.signal })
    ignored(slow.finally(() => (isOver = true)))
    await settle()
    const took: number[] = []
    for (let i = 0; i < 10; i++) {
      const began = performance.now()
      expect((await postUpdate(server, docId)).status).toBe(201)
      took.push(performance.now() - began)
    }
    expect((await getState(server, docId)).status).toBe(200)
    delay.disable()
    expect(isOver).toBe(false)
    attacker.abort()
    console.log(
      `${name}: slowest keystroke ${Math.max(...took).toFixed()} ms, event loop ${(delay.max / 1e6).toFixed()} ms`,
    )
  })

  testOfWorker(
    'long folds yield to the folds of other users, and their proposer has to wait',
    async () => {
      const { pool, begun } = watched()
      // The attacker's worker computes until it has to yield, after the default of `foldYieldMs`.
      const server = await serve({
        backend: { pool, shapes: backend.current.shapes },
        foldToleranceMs: 100,
      })
      const attacked = await endlessFold()
      const proposals = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const { docId } = await createSealedDocument(api(), 1)
          return { docId, data: await honestProposal(api(), docId, 0) }
        }),
      )
      // All clients have one address, and none signs in.
      const attack = fold(server, attacked.docId, attacked.data)
      await begun
      const honest = await Promise.all(
        proposals.map(({ docId, data }) => fold(server, docId, data)),
      )
      expect(honest.map(({ status }) => status)).toEqual(proposals.map(() => 201))
      await expectError(await attack, 409, 'compaction_busy')
      const again = await fold(server, attacked.docId, attacked.data)
      expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(0)
      await expectError(again, 409, 'compaction_busy')
      // The fold of another user is not refused because of the attack.
      await attacked.mend()
      const ada = await fold(server, attacked.docId, attacked.data, { user: 'ada' })
      expect(ada.status).toBe(201)
    },
  )
})
