// One valid request for every route, by the name of the route. Tests of refusals change one thing in
// it.
import { randomUUID } from 'node:crypto'
import {
  encodeFoldProposal,
  FOLD_MEDIA_TYPE,
  IDEMPOTENCY_KEY_HEADER,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { TestServer } from '../e2e/server.ts'
import { rawRequest, someUpdate } from '../server/api.ts'
import { PICTURE, PICTURE_ID } from './picture.ts'

export interface Sending {
  readonly method: string
  /** Below the mount point. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** The ids that a request may contain. */
export interface About {
  readonly docId: string
  /** The seq of a snapshot row of that document. */
  readonly seq: number
  /** The proposal of an honest compactor for segment 1. */
  readonly proposal?: Uint8Array
}

const JSON_TYPE = { 'content-type': 'application/json' }

const document = (docId: string, rest = ''): string => `/docs/${encodeURIComponent(docId)}${rest}`

export const RIGHT: Readonly<Record<string, (about: About) => Sending>> = {
  appendUpdate: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/updates'),
    headers: { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: randomUUID() },
    body: someUpdate(),
  }),
  listUpdates: ({ docId }) => ({ method: 'GET', path: document(docId, '/updates') }),
  readState: ({ docId }) => ({ method: 'GET', path: document(docId, '/state') }),
  followSegment: ({ docId }) => ({
    method: 'GET',
    path: document(docId, '/segments/2?offset=-1'),
  }),
  rollSegment: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/segments'),
    headers: JSON_TYPE,
    body: '{"active":2}',
  }),
  foldSegments: ({ docId, proposal = new Uint8Array([0, 0]) }) => foldOf(docId, 1, proposal),
  keepVersion: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/versions'),
    headers: JSON_TYPE,
    body: '{"label":"first draft"}',
  }),
  keepSnapshot: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/snapshots?label=first%20draft'),
  }),
  listWriters: ({ docId }) => ({ method: 'GET', path: document(docId, '/writers') }),
  storeFile: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/files'),
    headers: { 'content-type': 'image/png' },
    body: PICTURE,
  }),
  readFile: ({ docId }) => ({ method: 'GET', path: document(docId, `/files/${PICTURE_ID}`) }),
  listSnapshots: ({ docId }) => ({ method: 'GET', path: document(docId, '/snapshots') }),
  readSnapshot: ({ docId, seq }) => ({
    method: 'GET',
    path: document(docId, `/snapshots/${seq}`),
  }),
  labelSnapshot: ({ docId, seq }) => ({
    method: 'PATCH',
    path: document(docId, `/snapshots/${seq}`),
    headers: JSON_TYPE,
    body: '{"label":"sent to print"}',
  }),
  restoreSnapshot: ({ docId, seq }) => ({
    method: 'POST',
    path: document(docId, `/snapshots/${seq}/restore`),
  }),
  diffSnapshots: ({ docId, seq }) => ({
    method: 'GET',
    path: document(docId, `/diff?from=${seq}`),
  }),
  followAwareness: ({ docId }) => ({
    method: 'GET',
    path: document(docId, '/awareness?offset=-1'),
  }),
  readAwareness: ({ docId }) => ({ method: 'GET', path: document(docId, '/awareness/rows') }),
  putAwareness: ({ docId }) => presenceOf(docId),
  deleteAwareness: ({ docId }) => ({ method: 'DELETE', path: document(docId, '/awareness/7') }),
  listDocuments: () => ({ method: 'GET', path: '/docs' }),
  followDocuments: () => ({ method: 'GET', path: '/documents?offset=-1' }),
  followVersions: ({ docId }) => ({ method: 'GET', path: document(docId, '/versions?offset=-1') }),
  setTitle: ({ docId }) => ({
    method: 'PUT',
    path: document(docId, '/title'),
    headers: JSON_TYPE,
    body: '{"title":"The plan"}',
  }),
  inspectDocument: ({ docId }) => ({ method: 'GET', path: document(docId) }),
  importDocument: ({ docId }) => ({
    method: 'PUT',
    path: document(docId),
    headers: { 'content-type': 'text/markdown' },
    body: '# Imported',
  }),
  deleteDocument: ({ docId }) => ({ method: 'DELETE', path: document(docId) }),
  verifyDocument: ({ docId }) => ({ method: 'GET', path: document(docId, '/verify') }),
  seedDocument: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/seed'),
    headers: { 'content-type': 'text/markdown; charset=utf-8' },
    body: '# Seeded\n\n- one\n- two',
  }),
  copyDocument: ({ docId }) => ({
    method: 'POST',
    path: document(docId, '/copy'),
    headers: JSON_TYPE,
    body: JSON.stringify({ to: `copy-${randomUUID()}` }),
  }),
  followMany: ({ docId }) => ({
    method: 'POST',
    path: '/live',
    headers: JSON_TYPE,
    // Electric refuses a live stream that starts at the beginning, so the response ends.
    body: JSON.stringify({
      streams: [document(docId, '/segments/2?offset=-1&live=true&live_sse=true')],
    }),
  }),
  revoke: ({ docId }) => ({
    method: 'POST',
    path: '/revoke',
    headers: JSON_TYPE,
    body: JSON.stringify({ docId }),
  }),
  health: () => ({ method: 'GET', path: '/health' }),
  openApi: () => ({ method: 'GET', path: '/openapi.json' }),
}

/** A fold as a client sends it. */
export const foldOf = (docId: string, throughSegment: number, data: Uint8Array): Sending => ({
  method: 'POST',
  path: document(docId, '/folds'),
  headers: { 'content-type': FOLD_MEDIA_TYPE },
  body: encodeFoldProposal({ throughSegment, data }),
})

/** The request in which a client sends its presence; a new client unless an id is given. */
export function presenceOf(docId: string, clientId?: number): Sending {
  const doc = new Y.Doc({ guid: 'presence' })
  if (clientId !== undefined) doc.clientID = clientId
  const awareness = new Awareness(doc)
  awareness.setLocalState({ user: { name: 'Ada' } })
  const body = encodeAwarenessUpdate(awareness, [doc.clientID])
  const path = document(docId, `/awareness/${doc.clientID}`)
  awareness.destroy()
  doc.destroy()
  return { method: 'PUT', path, headers: { 'content-type': UPDATE_MEDIA_TYPE }, body }
}

/** Sends to the app in this process, without HTTP. */
export function handle(
  { url, handle }: Pick<TestServer, 'url' | 'handle'>,
  { path, headers, ...sending }: Sending,
): Promise<Response> {
  const init = { ...sending, headers: { host: new URL(url).host, ...headers } } as RequestInit
  return handle(new Request(url + path, init))
}

export function send(url: string, { path, ...sending }: Sending): Promise<Response> {
  const { method, headers = {}, body } = sending
  if (!('host' in headers)) return fetch(url + path, sending as RequestInit)
  // `fetch` does not let the caller name the host.
  const { port, pathname } = new URL(url)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const length = bytes === undefined ? {} : { 'content-length': String(bytes.byteLength) }
  const sent = { ...headers, ...length }
  return rawRequest({ port: Number(port) }, method, pathname + path, sent, bytes)
}
