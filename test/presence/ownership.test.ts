// A presence row belongs to the user who wrote it first, until it is deleted or expires: no other
// user may change or delete it.
import type { Authorize } from '@y-electric/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { presenceOf, type Sending, send } from '../api/requests.ts'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectError } from '../server/api.ts'
import { openPerson, seeEachOther } from './people.ts'

const CLIENT = 7

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let server: TestServer
  let docId = ''
  let asked: { action: string; clientId: number | undefined }[] = []

  /** Trusts `x-user`. A client without it has no name. */
  const authorize: Authorize = ({ action, clientId, request }) => {
    asked.push({ action, clientId })
    const user = request.headers.get('x-user')
    return user === null ? 'allow' : { user }
  }
  beforeAll(async () => {
    server = await serveApp({
      backend: backend.current,
      authorize,
      maxDocumentPresenceRows: 3,
      maxUserPresenceRows: 2,
    })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    docId = freshDocId('owned')
    asked = []
  })

  /** Makes a user name for this document alone, because the clients of a user are counted in all documents. */
  const named = (user: string): string => `${user}@${docId}`
  const as = (user: string | null, sending: Sending): Promise<Response> =>
    send(server.url, {
      ...sending,
      headers: { ...sending.headers, ...(user !== null && { 'x-user': named(user) }) },
    })
  const put = (user: string | null, clientId = CLIENT) => as(user, presenceOf(docId, clientId))
  const remove = (user: string | null, clientId = CLIENT) =>
    as(user, { method: 'DELETE', path: `/docs/${docId}/awareness/${clientId}` })
  const owner = async (clientId = CLIENT): Promise<string | null | undefined> => {
    const { rows } = await server.pool.query<{ user_name: string | null }>(
      'SELECT user_name FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2',
      [docId, clientId],
    )
    const user = rows[0]?.user_name
    return typeof user === 'string' ? user.split('@')[0] : user
  }
  const age = (seconds: number) =>
    server.pool.query(
      `UPDATE ydoc_awareness SET updated_at = now() - $2 * interval '1 second' WHERE doc_id = $1`,
      [docId, seconds],
    )

  test('the first write binds a client id to its user, who may write and delete it', async () => {
    for (let i = 0; i < 3; i++) expect((await put('ada')).status).toBe(204)
    expect(await owner()).toBe('ada')
    expect((await remove('ada')).status).toBe(204)
    expect(await owner()).toBeUndefined()
    // Leaving twice is not an error.
    expect((await remove('ada')).status).toBe(204)
  })

  test('users whose long names have the same beginning are different users', async () => {
    const [ada, eve] = [`${'x'.repeat(250)}ada`, `${'x'.repeat(250)}eve`]
    expect((await put(ada)).status).toBe(204)
    await expectError(await put(eve), 403, 'presence_not_yours')
    await expectError(await remove(eve), 403, 'presence_not_yours')
    expect((await put(ada)).status).toBe(204)
  })

  test('no other user, named or not, may write or delete the row', async () => {
    await put('ada')
    for (const other of ['bob', null]) {
      const refused = await put(other)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      await expectError(refused, 403, 'presence_not_yours')
      await expectError(await remove(other), 403, 'presence_not_yours')
    }
    expect(await owner()).toBe('ada')
    // The same client id in another document is another row.
    docId = freshDocId('owned')
    expect((await put('bob')).status).toBe(204)
  })

  test('a client id is free again after its row is deleted or has expired', async () => {
    await put('ada')
    await remove('ada')
    expect((await put('bob')).status).toBe(204)
    // A heartbeat is due every 30 s: at this age the row is still Bob's.
    await age(35)
    await expectError(await put('ada'), 403, 'presence_not_yours')
    await age(41)
    expect((await put('ada')).status).toBe(204)
    expect(await owner()).toBe('ada')
    await age(41)
    expect((await remove('bob')).status).toBe(204)
  })

  test('one user may be present as many clients', async () => {
    for (const clientId of [1, 2]) expect((await put('ada', clientId)).status).toBe(204)
    for (const clientId of [1, 2]) expect(await owner(clientId)).toBe('ada')
  })

  test('without names, any client may write a row until a named user writes it', async () => {
    await put(null)
    expect((await put(null)).status).toBe(204)
    expect(await owner()).toBeNull()
    expect((await put('ada')).status).toBe(204)
    await expectError(await put(null), 403, 'presence_not_yours')
    await expectError(await remove(null), 403, 'presence_not_yours')
    expect((await put('ada')).status).toBe(204)
  })

  test('if two users write one client id at the same time, one of them gets it', async () => {
    for (let i = 0; i < 10; i++) {
      docId = freshDocId('owned')
      const answers = await Promise.all([put('ada'), put('bob'), put('carol')])
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 403, 403])
    }
  })

  test('the hook gets the client id for writes and deletes of presence only', async () => {
    await put('ada')
    await remove('ada')
    await as('ada', { method: 'GET', path: `/docs/${docId}/awareness/rows` })
    await as('ada', { method: 'DELETE', path: `/docs/${docId}/awareness/99999999999` })
    expect(asked).toEqual([
      { action: 'presence', clientId: CLIENT },
      { action: 'presence', clientId: CLIENT },
      { action: 'read', clientId: undefined },
      { action: 'presence', clientId: undefined },
    ])
  })

  test('the number of presence rows of a user and of a document is limited, and existing ones can still be updated', async () => {
    for (const clientId of [1, 2]) expect((await put('ada', clientId)).status).toBe(204)
    await expectError(await put('ada', 3), 507, 'quota_exceeded')
    expect((await put('bob', 3)).status).toBe(204)
    await expectError(await put('bob', 4), 507, 'quota_exceeded')
    expect((await put('ada', 1)).status).toBe(204)
    // A client that has left or expired makes room.
    await remove('ada', 2)
    expect((await put('bob', 4)).status).toBe(204)
    await age(41)
    expect((await put('carol', 5)).status).toBe(204)
  })

  test('a client whose id belongs to another user gets one error, and is visible as soon as the id is free', async () => {
    const bob = openPerson({
      url: server.url,
      docId,
      name: 'Bob',
      headers: { 'x-user': named('bob') },
    })
    const ada = openPerson({
      url: server.url,
      docId,
      name: 'Ada',
      headers: { 'x-user': named('ada') },
    })
    try {
      await seeEachOther(ada, bob)
      // Ada's page is closed for a moment, and another user takes her client id.
      const { clientID } = ada.doc
      await eventually(async () => {
        // Her provider may write her row again in between.
        await remove('ada', clientID)
        expect((await as('mallory', presenceOf(docId, clientID))).status).toBe(204)
      })
      ada.move(1)
      const said = () => ada.errors.filter(({ code }) => code === 'presence_not_yours')
      await eventually(() => expect(said()).toHaveLength(1))
      expect(said()[0]).toMatchObject({ status: 403, retryAfterMs: 40_000 })
      expect(ada.provider.status).not.toBe('refused')
    } finally {
      for (const person of [ada, bob]) {
        await person.close()
        person.awareness.destroy()
      }
    }
  })
})
