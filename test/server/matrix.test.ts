// The authorisation matrix: every route × every role × every state of a document. One table lists the
// actions that each role may do. Another lists, for each route that the server describes, the action
// that it needs and its answers. A route without an entry fails the test.
import type { Authorize } from '@y-electric/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOpenApi } from '../../tools/reference/openApi.ts'
import { type About, handle, RIGHT } from '../api/requests.ts'
import { deletedDocument, ROLLS_AT_ONCE, writtenDocument } from '../api/world.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectError } from './api.ts'
import { type LiveKind, type LiveMode, type LiveRequest, openLive } from './live.ts'

type Action = 'read' | 'write' | 'presence' | 'list' | 'delete'

/** The rights of each role; `null` is an unknown user. */
const ROLES = {
  anonymous: null,
  stranger: [],
  formerMember: [],
  reader: ['read', 'presence'],
  writer: ['read', 'write', 'presence'],
  owner: ['read', 'write', 'presence', 'list', 'delete'],
} as const satisfies Record<string, readonly Action[] | null>
type Role = keyof typeof ROLES
const ROLE_NAMES = Object.keys(ROLES) as Role[]

/**
 * - `absent`: no row of the document was ever stored
 * - `active`: the document has a snapshot row, a sealed segment and an active one
 * - `deleted`: only the tombstone of the document is left
 * - `folding`: like `active`, while a fold holds the compaction lock of the document
 */
const STATES = ['absent', 'active', 'deleted', 'folding'] as const
type State = (typeof STATES)[number]

/** The action that a route needs, and its statuses for an allowed user, by state. */
interface Row {
  readonly action: Action | null
  readonly absent: number
  readonly active: number
  readonly deleted: number
  /** If it is not that of `active`. */
  readonly folding?: number
}

const row = (action: Action | null, absent: number, active: number, deleted: number): Row => ({
  action,
  absent,
  active,
  deleted,
})

const MATRIX: Readonly<Record<string, Row>> = {
  appendUpdate: row('write', 201, 201, 410),
  listUpdates: row('read', 200, 200, 410),
  readState: row('read', 200, 200, 410),
  followSegment: row('read', 404, 200, 410),
  rollSegment: row('write', 409, 201, 410),
  foldSegments: { ...row('write', 409, 201, 410), folding: 409 },
  keepVersion: row('write', 404, 201, 410),
  keepSnapshot: row('write', 404, 201, 410),
  listWriters: row('read', 200, 200, 410),
  storeFile: row('write', 404, 200, 410),
  readFile: row('read', 404, 200, 410),
  listSnapshots: row('read', 200, 200, 410),
  readSnapshot: row('read', 404, 200, 410),
  labelSnapshot: row('write', 404, 200, 410),
  restoreSnapshot: row('write', 404, 201, 410),
  diffSnapshots: row('read', 404, 200, 410),
  followAwareness: row('read', 200, 200, 410),
  readAwareness: row('read', 200, 200, 410),
  putAwareness: row('presence', 204, 204, 410),
  deleteAwareness: row('presence', 204, 204, 204),
  listDocuments: row('list', 200, 200, 200),
  followDocuments: row('list', 200, 200, 200),
  followVersions: row('read', 200, 200, 410),
  setTitle: row('write', 201, 200, 410),
  inspectDocument: row('read', 404, 200, 410),
  importDocument: row('write', 201, 409, 410),
  deleteDocument: row('delete', 404, 200, 410),
  verifyDocument: row('read', 404, 200, 410),
  seedDocument: row('write', 201, 200, 410),
  // The route also needs `write` on the copy.
  copyDocument: row('read', 404, 201, 410),
  // These routes concern no document. They call no hook, or their own.
  health: row(null, 200, 200, 200),
  // The hook is asked for each stream: test/server/liveStreams.test.ts.
  followMany: row(null, 200, 200, 200),
  revoke: row(null, 200, 200, 200),
  openApi: row(null, 200, 200, 200),
}

const described = Object.values((await readOpenApi()).paths).flatMap((methods) =>
  Object.values(methods).map((one) => [one.operationId, one['x-action']] as const),
)

const backend = useBackend()
let server: TestServer
/** Documents that a former member may still read. */
const membersOf = new Set<string>()

const authorize: Authorize = ({ request, action, docId }) => {
  const role = request.headers.get('x-role') as Role
  const may: readonly Action[] | null = ROLES[role]
  if (may === null) return 'unauthenticated'
  const isMember = role === 'formerMember' && membersOf.has(docId) && action === 'read'
  return isMember || may.includes(action) ? { user: role } : 'forbidden'
}

beforeAll(async () => {
  server = await serveApp({
    backend: backend.current,
    authorize,
    revoke: () => 'allow',
    reauthorizeMs: 600,
    ...ROLLS_AT_ONCE,
  })
  return () => server.close()
})

/** The server that creates the documents. It allows everything. */
let owned: TestServer
beforeAll(async () => {
  owned = await serveApp({ backend: backend.current, ...ROLLS_AT_ONCE })
})
afterAll(() => owned.close())

async function documentIn(state: State): Promise<About> {
  if (state === 'absent') return { docId: freshDocId('absent'), seq: 999_999 }
  return state === 'deleted' ? deletedDocument(owned) : writtenDocument(owned)
}

const shared = new Map<State, Promise<About>>()

/** One document of each state, for requests that change nothing. */
function sharedIn(state: State): Promise<About> {
  const made = shared.get(state) ?? documentIn(state)
  shared.set(state, made)
  return made
}

/** Runs `use` while a fold holds the document's compaction lock. */
async function whileFolding<T>(docId: string, use: () => Promise<T>): Promise<T> {
  const client = await backend.current.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock(ydoc_compaction_key($1))', [docId])
    return await use()
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

test('every route of the server has an entry with the action that the server asks the hook for', () => {
  expect(Object.fromEntries(described)).toEqual(
    Object.fromEntries(Object.entries(MATRIX).map(([name, { action }]) => [name, action])),
  )
})

const cells = described.flatMap(([name]) =>
  STATES.map((state) => [name, state] as const).filter(
    // A deletion waits for the fold; test/deletion covers that.
    ([route, state]) => !(route === 'deleteDocument' && state === 'folding'),
  ),
)

/** Rights are decided before the state matters, so a default run tries each role with the two common states. */
const rolesFor = (state: State): readonly Role[] =>
  isDeep || state === 'active' || state === 'deleted' ? ROLE_NAMES : ['reader', 'writer', 'owner']

describe.each(cells)('%s of a document that is %s', (name, state) => {
  test.each(rolesFor(state))('is answered as the rights of the %s require', async (role) => {
    const entry = MATRIX[name]
    const make = RIGHT[name]
    if (entry === undefined || make === undefined) throw new Error(`${name} has no entry`)
    const may: readonly Action[] | null = ROLES[role]
    const needs: readonly Action[] =
      name === 'copyDocument' ? ['read', 'write'] : entry.action === null ? [] : [entry.action]
    const isAllowed = needs.every((action) => may?.includes(action))
    // Only a request that changes its document needs a document of its own.
    const changes = isAllowed && make({ docId: 'd', seq: 1 }).method !== 'GET'
    const about = changes ? await documentIn(state) : await sharedIn(state)
    const sending = make(about)
    const request = () =>
      handle(server, { ...sending, headers: { ...sending.headers, 'x-role': role } })
    const response = await (state === 'folding' ? whileFolding(about.docId, request) : request())
    if (!isAllowed && may === null) return expectError(response, 401, 'unauthenticated')
    if (!isAllowed) return expectError(response, 403, 'forbidden')
    const expected = entry[state] ?? entry.active
    const text = await response.text()
    expect([response.status, text.slice(0, 200)]).toEqual([expected, expect.anything()])
  })
})

const LIVE = (['segment', 'awareness', 'versions'] as const satisfies readonly LiveKind[]).flatMap(
  (kind) =>
    (['sse', 'long-poll'] as const satisfies readonly LiveMode[]).map(
      (mode) => [kind, mode] as const,
    ),
)

describe.each(LIVE)('an open %s (%s)', (kind, mode) => {
  /** A long poll may first return rows that were just written; its reader then polls again. */
  async function lastStatus(live: LiveRequest, again: () => Promise<LiveRequest>): Promise<number> {
    const { status } = await live.ended
    if (mode === 'sse' || status !== 200) return status
    try {
      return await lastStatus(await again(), again)
    } catch (error) {
      return Number((error as Error).message.slice(0, 3))
    }
  }

  test.each(ROLE_NAMES)('opens for the %s exactly if other reads are allowed', async (role) => {
    const { docId } = await documentIn('active')
    const headers = { 'x-role': role }
    const opening = openLive(server, docId, { kind, mode, headers, segment: 2 })
    const may: readonly Action[] | null = ROLES[role]
    if (!may?.includes('read')) {
      await expect(opening).rejects.toThrow(may === null ? /^401/ : /^403/)
      return
    }
    const live = await opening
    if (mode === 'sse') expect((await live.response).status).toBe(200)
    live.abort()
  })

  test('ends for a member who loses the membership, and stays open for a reader', async () => {
    const { docId } = await documentIn('active')
    membersOf.add(docId)
    const follow = (role: Role) =>
      openLive(server, docId, { kind, mode, headers: { 'x-role': role }, segment: 2 })
    const [member, reader] = [await follow('formerMember'), await follow('reader')]
    membersOf.delete(docId)
    const status = await lastStatus(member, () => follow('formerMember'))
    expect(status).toBe(mode === 'sse' ? 200 : 403)
    await expect(follow('formerMember')).rejects.toThrow(/^403/)
    // The long poll of the reader may also return rows that were just written.
    const isAnswered = mode === 'long-poll' && reader.isOver()
    if (isAnswered) expect((await reader.ended).status).toBe(200)
    const still = isAnswered ? await follow('reader') : reader
    expect(still.isOver()).toBe(false)
    for (const live of [reader, still]) live.abort()
  })

  test('ends at once for a former member on POST /revoke', async () => {
    const { docId } = await documentIn('active')
    membersOf.add(docId)
    const headers = { 'x-role': 'formerMember' }
    const member = await openLive(server, docId, { kind, mode, headers, segment: 2 })
    membersOf.delete(docId)
    const body = JSON.stringify({ user: 'formerMember', docId })
    const json = { 'content-type': 'application/json' }
    expect(
      (await fetch(`${server.url}/revoke`, { method: 'POST', headers: json, body })).status,
    ).toBe(200)
    const again = () => openLive(server, docId, { kind, mode, headers, segment: 2 })
    expect(await lastStatus(member, again)).toBe(mode === 'sse' ? 200 : 403)
  })
})
