// Calls the HTTP API of one app without a network, and reads its tables.
import { randomUUID } from 'node:crypto'
import { documentRoutes } from '@y-electric/documents'
import { type AppOptions, allowAll, createApp } from '@y-electric/server'
import type pg from 'pg'
import {
  decodeState,
  encodeFoldProposal,
  FOLD_MEDIA_TYPE,
  foldsPath,
  foldToSnapshot,
  IDEMPOTENCY_KEY_HEADER,
  parseErrorBody,
  type State,
  segmentPath,
  segmentsPath,
  statePath,
  UPDATE_MEDIA_TYPE,
  updatesPath,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { IS_OWN_DOCUMENT, ownDocuments } from '../e2e/ownDocuments.ts'
import { freshDocId, type TestBackend } from '../e2e/server.ts'

export interface Answer {
  readonly status: number
  /** The code of the error, or null. */
  readonly code: string | null
  readonly message: string
  readonly body: unknown
}

export interface Api {
  readonly pool: pg.Pool
  request(path: string, init?: RequestInit): Promise<Response>
  append(docId: string, update: Uint8Array, batchId?: string): Promise<Answer>
  roll(docId: string, active: number): Promise<Answer>
  fold(docId: string, throughSegment: number, data: Uint8Array): Promise<Answer>
  post(path: string, body: BodyInit, contentType: string): Promise<Answer>
  state(docId: string): Promise<State>
  segment(docId: string, segment: number): Promise<number>
  /** Every row of every table that belongs to the test's own documents. */
  tables(): Promise<unknown>
}

export type ApiOptions = Partial<Omit<AppOptions, 'pool' | 'shapes'>>

export function createApi(
  backend: Pick<TestBackend, 'pool' | 'shapes'>,
  options: ApiOptions = {},
): Api {
  const { pool, shapes } = backend
  const app = createApp({
    extensions: [documentRoutes],
    pool,
    shapes,
    authorize: allowAll,
    minRollRows: 1,
    ...options,
  })
  const request = async (path: string, init: RequestInit = {}) =>
    app.fetch(new Request(`http://localhost${path}`, init))
  const post: Api['post'] = async (path, body, contentType) =>
    answerOf(
      await request(path, { method: 'POST', body, headers: { 'content-type': contentType } }),
    )
  return {
    pool,
    request,
    post,
    append: async (docId, update, batchId = randomUUID()) =>
      answerOf(
        await request(updatesPath(docId), {
          method: 'POST',
          body: new Uint8Array(update),
          headers: { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: batchId },
        }),
      ),
    roll: (docId, active) =>
      post(segmentsPath(docId), JSON.stringify({ active }), 'application/json'),
    fold: (docId, throughSegment, data) =>
      post(
        foldsPath(docId),
        new Uint8Array(encodeFoldProposal({ throughSegment, data })),
        FOLD_MEDIA_TYPE,
      ),
    async state(docId) {
      const response = await request(statePath(docId))
      return decodeState(new Uint8Array(await response.arrayBuffer()))
    },
    async segment(docId, segment) {
      const response = await request(`${segmentPath(docId, segment)}?offset=-1`)
      await response.body?.cancel()
      return response.status
    },
    tables: () => readTables(pool),
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const body: unknown = await response.json().catch(() => null)
  const error = parseErrorBody(body)
  return {
    status: response.status,
    code: error?.code ?? null,
    message: error?.message ?? '',
    body,
  }
}

async function readTables(pool: pg.Pool): Promise<unknown> {
  const read = async (table: string, order: string) =>
    (
      await pool.query(`SELECT * FROM ${table} WHERE ${IS_OWN_DOCUMENT} ORDER BY ${order}`, [
        ownDocuments(pool),
      ])
    ).rows as unknown[]
  return {
    documents: await read('ydoc_document', 'doc_id'),
    updates: await read('ydoc_update', 'seq'),
    snapshots: await read('ydoc_snapshot', 'seq'),
  }
}

/** The proposal of an honest compactor for all segments up to `throughSegment`. */
export async function honestProposal(
  api: Api,
  docId: string,
  throughSegment: number,
  gc = true,
): Promise<Uint8Array> {
  const { snapshot, rows } = await api.state(docId)
  const sealed = rows.filter(({ segment }) => segment <= throughSegment)
  return foldToSnapshot({ previous: snapshot?.data ?? null, rows: sealed }, gc)
}

/** The text under "text" that a joiner reads. */
export function textOf({ snapshot, rows }: State): string {
  const doc = new Y.Doc({ guid: 'read' })
  if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
  for (const { data } of rows) Y.applyUpdate(doc, data)
  const text = doc.getText('text').toString()
  doc.destroy()
  return text
}

/** Makes a writer. Each call makes one edit and returns its update. */
export function createWriter(clientID?: number) {
  const doc = new Y.Doc({ guid: 'read' })
  if (clientID !== undefined) doc.clientID = clientID
  const updateOf = (edit: () => void): Uint8Array => {
    const before = Y.encodeStateVector(doc)
    edit()
    return Y.encodeStateAsUpdate(doc, before)
  }
  const text = doc.getText('text')
  return {
    doc,
    type: (typed: string) => updateOf(() => text.insert(text.length, typed)),
    erase: (at: number, length: number) => updateOf(() => text.delete(at, length)),
  }
}

/** Makes a document with `rounds` sealed segments of two rows each, and one row in the active one. */
export async function createSealedDocument(api: Api, rounds: number) {
  const docId = freshDocId()
  const writer = createWriter()
  for (let round = 0; round < rounds; round++) {
    for (const text of ['hello ', 'world ']) await api.append(docId, writer.type(text))
    const { status } = await api.roll(docId, round)
    if (status !== 201) throw new Error(`the roll was answered with ${status}`)
  }
  await api.append(docId, writer.type('and on'))
  return { docId, writer }
}
