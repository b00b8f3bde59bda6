// Open streams end after their user loses the right to read: within `reauthorizeMs`, or at once after
// `POST /revoke`. See revocation-servers.test.ts for several servers of one database.
import type { Authorize, Decision } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  type ServeOptions,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectError, postUpdate } from './api.ts'
import {
  type LiveKind,
  type LiveMode,
  type LiveOptions,
  type LiveRequest,
  openLive,
} from './live.ts'
import { revoke, SECRET } from './revoking.ts'

const KINDS: readonly LiveKind[] = ['segment', 'awareness']
const MODES: readonly LiveMode[] = ['sse', 'long-poll']
const LIVE = KINDS.flatMap((kind) => MODES.map((mode) => [kind, mode] as const))

/** Longer than any test, so that the interval does not end a stream. */
const NEVER = 3_600_000

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  /** Decides whether a user may read. The hook trusts `x-user`; other requests are unauthenticated. */
  let decide: (user: string, docId: string) => Decision | Promise<Decision>
  /** The users that the hook was asked about, in this test. */
  let asked: string[] = []
  let servers: TestServer[] = []
  let open: LiveRequest[] = []
  /** The servers that listen to revocations of other servers. */
  let listening = 0

  const authorize: Authorize = ({ request, docId }) => {
    const user = request.headers.get('x-user')
    if (user === null) return 'unauthenticated'
    asked.push(user)
    return decide(user, docId)
  }
  const serve = async (options: Partial<ServeOptions> = {}): Promise<TestServer> => {
    const { listen } = backend.current
    const counted: typeof listen =
      listen &&
      (async (...args) => {
        const stop = await listen(...args)
        listening++
        return stop
      })
    const server = await serveApp({
      backend: backend.current,
      authorize,
      revoke: SECRET,
      reauthorizeMs: NEVER,
      ...(counted !== undefined && { listen: counted }),
      ...options,
    })
    servers.push(server)
    return server
  }
  const follow = async (
    server: TestServer,
    docId: string,
    user: string,
    options: Partial<LiveOptions> = {},
  ): Promise<LiveRequest> => {
    const headers = { 'x-user': user }
    const before = asked.length
    const live = await openLive(server, docId, {
      kind: 'segment',
      mode: 'sse',
      ...options,
      headers,
    })
    open.push(live)
    // The stream has caught up, and its wait is authorised. A server that begins to listen authorises all
    // its streams once more, which would end one before the revocation that a test sends.
    await eventually(
      () =>
        asked.slice(before).filter((one) => one === user).length >= 2 &&
        (backend.current.listen === undefined || listening === servers.length),
    )
    return live
  }
  const written = async (server: TestServer): Promise<string> => {
    const docId = freshDocId('revoked')
    const response = await postUpdate(server, docId, { headers: { 'x-user': 'owner' } })
    expect(response.status).toBe(201)
    return docId
  }
  beforeEach(() => {
    asked = []
    listening = 0
    decide = (user) => ({ user })
  })
  afterEach(async () => {
    for (const live of open) live.abort()
    for (const server of servers) await server.close()
    open = []
    servers = []
  })

  test.each(LIVE)(
    'a live %s (%s) ends soon after its right is revoked, and others stay open',
    async (kind, mode) => {
      const server = await serve({ reauthorizeMs: 600 })
      const docId = await written(server)
      const ada = await follow(server, docId, 'ada', { kind, mode })
      const bob = await follow(server, docId, 'bob', { kind, mode })
      decide = (user) => (user === 'ada' ? 'forbidden' : { user })
      const at = performance.now()
      const { status, text } = await ada.ended
      expect(performance.now() - at).toBeLessThan(5_000)
      // A long poll gets the reason. The reader of a stream gets it when it reconnects.
      expect(status).toBe(mode === 'sse' ? 200 : 403)
      if (mode === 'long-poll') expect(text).toContain('"forbidden"')
      expect(bob.isOver()).toBe(false)
      const query = `${server.url}/docs/${docId}/segments/0?offset=-1`
      await expectError(await fetch(query, { headers: { 'x-user': 'ada' } }), 403, 'forbidden')
    },
  )

  test('an expired token ends its stream', async () => {
    const server = await serve({ reauthorizeMs: 300 })
    const ada = await follow(server, await written(server), 'ada', { mode: 'long-poll' })
    decide = () => 'unauthenticated'
    expect((await ada.ended).status).toBe(401)
  })

  test.each(LIVE)(
    'POST /revoke ends a live %s (%s) of the user at once, and no stream of another user',
    async (kind, mode) => {
      const server = await serve()
      const docId = await written(server)
      const ada = await follow(server, docId, 'ada', { kind, mode })
      const bob = await follow(server, docId, 'bob', { kind, mode })
      decide = (user) => (user === 'ada' ? 'forbidden' : { user })
      // A long poll opens a moment after it was sent.
      await eventually(async () => {
        const response = await revoke(server, { user: 'ada' })
        expect(response.status).toBe(200)
        expect((await response.json()).ended + Number(ada.isOver())).toBeGreaterThan(0)
      })
      const { status } = await ada.ended
      expect(status).toBe(mode === 'sse' ? 200 : 403)
      expect(bob.isOver()).toBe(false)
    },
  )

  test.each([
    ['sse', 'live=1&live_sse=1'],
    ['sse', 'live=1&experimental_live_sse=1'],
    ['sse', 'li%76e=true&live=false&live%5Fsse=true&live_sse=false'],
    ['long-poll', 'live=1'],
    ['long-poll', '%6Cive=true&live=false'],
  ] as const)('a live request (%s) is recognised when it is written as %s', async (mode, query) => {
    const server = await serve()
    const ada = await follow(server, await written(server), 'ada', { mode, query })
    decide = () => 'forbidden'
    await eventually(async () => {
      const { ended } = await (await revoke(server, { user: 'ada' })).json()
      expect(ended + Number(ada.isOver())).toBeGreaterThan(0)
    })
    expect((await ada.ended).status).toBe(mode === 'sse' ? 200 : 403)
  })

  test('POST /revoke of a document ends the streams of every user who may no longer read it', async () => {
    const server = await serve()
    const docId = await written(server)
    const other = await written(server)
    const [ada, bob] = [await follow(server, docId, 'ada'), await follow(server, docId, 'bob')]
    const adaElsewhere = await follow(server, other, 'ada')
    decide = (user, about) => (user === 'ada' && about === docId ? 'forbidden' : { user })
    expect(await (await revoke(server, { docId })).json()).toEqual({ ended: 1 })
    await ada.ended
    expect([bob.isOver(), adaElsewhere.isOver()]).toEqual([false, false])
    expect(await (await revoke(server, { user: 'bob', docId: other })).json()).toEqual({ ended: 0 })
    expect(bob.isOver()).toBe(false)
  })

  test('streams of a failing hook stay open for the grace period, and then end with 503', async () => {
    const server = await serve({ reauthorizeMs: 150, reauthorizeGraceMs: 900 })
    const ada = await follow(server, await written(server), 'ada', { mode: 'long-poll' })
    let failures = 0
    decide = () => {
      failures++
      throw new Error('the user service is down')
    }
    const { status, text } = await ada.ended
    expect(status).toBe(503)
    expect(text).toContain('"authorization_unavailable"')
    expect(text).not.toContain('user service')
    expect(failures).toBeGreaterThan(1)
  })

  test('a hook that does not answer counts as a failing one', async () => {
    const server = await serve({ reauthorizeMs: 150, reauthorizeGraceMs: 300 })
    const ada = await follow(server, await written(server), 'ada')
    decide = () => new Promise<never>(() => {})
    expect((await ada.ended).status).toBe(200)
  })

  test('streams stay open if a failing hook works again in time', async () => {
    const server = await serve({ reauthorizeMs: 150, reauthorizeGraceMs: NEVER })
    const ada = await follow(server, await written(server), 'ada')
    let failures = 0
    decide = () => {
      failures++
      throw new Error('the user service is down')
    }
    await eventually(() => failures > 1)
    let answers = 0
    decide = (user) => {
      answers++
      return { user }
    }
    await eventually(() => answers > 1)
    expect(ada.isOver()).toBe(false)
  })

  test('a revocation ends a stream at once if the hook fails', async () => {
    const server = await serve()
    const ada = await follow(server, await written(server), 'ada')
    decide = () => {
      throw new Error('the user service is down')
    }
    expect(await (await revoke(server, { user: 'ada' })).json()).toEqual({ ended: 1 })
    await ada.ended
  })

  test('a revocation applies to a stream that is being authorised', async () => {
    const server = await serve()
    const docId = await written(server)
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let isHeld = false
    let heldCalls = 0
    let isAllowed = true
    // The hook reads that Ada is allowed, and answers late.
    decide = async (user) => {
      const answer: Decision = isAllowed ? { user } : 'forbidden'
      if (!isHeld) return answer
      heldCalls++
      await released
      return answer
    }
    const caughtUp = await fetch(`${server.url}/docs/${docId}/segments/0?offset=-1`, {
      headers: { 'x-user': 'ada' },
    })
    await caughtUp.text()
    isHeld = true
    const query = new URLSearchParams({
      offset: caughtUp.headers.get('electric-offset') ?? '',
      handle: caughtUp.headers.get('electric-handle') ?? '',
      live: 'true',
      live_sse: 'true',
    })
    const stream = fetch(`${server.url}/docs/${docId}/segments/0?${query}`, {
      headers: { 'x-user': 'ada' },
    })
    await eventually(() => heldCalls === 1)
    isAllowed = false
    isHeld = false
    expect(await (await revoke(server, { user: 'ada' })).json()).toEqual({ ended: 0 })
    release()
    // The server asks the hook again. It ends an answer that has begun by then, and refuses one that still
    // waits for a real Electric.
    const response = await stream
    if (response.status !== 200) return expectError(response, 403, 'forbidden')
    await response.text()
  })
})
