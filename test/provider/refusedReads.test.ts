// Only a final answer of the server itself ends reading. An answer of a proxy, or one that a request of
// the client itself caused, does not.
import { describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { answer, type Rule } from '../e2e/gate.ts'
import { connected, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

/** An answer as a proxy in front of the server gives it, without our error body. */
const bare =
  (status: number): Rule =>
  async () =>
    new Response('<h1>no</h1>', { status, headers: { 'content-type': 'text/html' } })

describe('a read that is refused', () => {
  const cases: [string, Rule, string, string][] = [
    ['401', answer(401, 'unauthenticated'), 'auth-failed', 'unauthenticated'],
    ['403', answer(403, 'forbidden'), 'refused', 'forbidden'],
    ['403 of a proxy', bare(403), 'refused', 'forbidden'],
    ['401 of a proxy', bare(401), 'auth-failed', 'unauthenticated'],
    ['404 of the server', answer(404, 'not_found'), 'refused', 'not_found'],
    ['410 of the server', answer(410, 'deleted'), 'refused', 'deleted'],
    ['400 of the server', answer(400, 'invalid_doc_id'), 'refused', 'invalid_doc_id'],
  ]
  test.each(cases)(
    'with %s of state keeps edits and sends them after connect()',
    async (_n, rule, status, code) => {
      const ada = setup.open({ connect: false })
      const heal = ada.gate.use('state', rule)
      const healWrites = ada.gate.use('updates', rule)
      ada.type('kept')
      ada.provider.connect()
      await eventually(() => ada.provider.status === status)
      expect(ada.provider.error?.code).toBe(code)
      expect([ada.provider.saved, ada.provider.synced]).toEqual([false, false])
      heal()
      healWrites()
      ada.provider.connect()
      await connected(ada)
      await setup.converged(ada)
    },
  )

  const passing: [string, Rule, string][] = [
    ['400 without our body', bare(400), 'bad_response'],
    ['400 of Electric', async () => Response.json({ errors: {} }, { status: 400 }), 'bad_response'],
    ['400 of a bad parameter', answer(400, 'invalid_request'), 'invalid_request'],
    ['404 of a wrong url', bare(404), 'wrong_url'],
    ['405 of a static file server', bare(405), 'wrong_url'],
    ['410 of a proxy', bare(410), 'wrong_url'],
    ['413 of a proxy', bare(413), 'bad_response'],
    ['431 of a proxy', bare(431), 'bad_response'],
    ['409 without a log', bare(409), 'bad_response'],
    ['an unknown status', bare(499), 'bad_response'],
  ]
  test.each(passing)('with %s is tried again until it passes', async (name, rule, code) => {
    const ada = setup.open({ connect: false })
    const routes = ['state', 'updates'] as const
    const heals = routes.map((route) => ada.gate.use(route, rule))
    ada.type('kept')
    ada.provider.connect()
    await eventually(() => ada.gate.count('state') > 2 && ada.gate.count('updates') > 2)
    expect(ada.provider.status).toBe('offline')
    expect(new Set(ada.errors.map((error) => error.code))).toEqual(new Set([code]))
    for (const heal of heals) heal()
    await connected(ada)
    await setup.converged(ada)

    // The same holds for a stream that was live.
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    const heal = bob.gate.use('segment', rule)
    const [streams, states] = [bob.gate.count('segment'), bob.gate.count('state')]
    bob.gate.cut()
    await eventually(() => bob.gate.count('segment') > streams + 2)
    heal()
    ada.type(', and news')
    await connected(bob)
    await setup.converged(ada, bob)
    expect(bob.statuses).not.toContain('refused')
    // The provider reads state again only if the log starts over.
    expect(bob.gate.count('state') > states).toBe(name.startsWith('409'))
  })

  test('with 403 of a live stream makes the status refused, and connect() continues', async () => {
    const ada = await connected(setup.open())
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    const heal = bob.gate.use('segment', answer(403, 'forbidden'))
    bob.gate.cut()
    ada.type('news')
    await eventually(() => bob.provider.status === 'refused')
    expect(bob.provider.synced).toBe(false)
    expect(bob.provider.error?.code).toBe('forbidden')
    heal()
    bob.provider.connect()
    await connected(bob)
    await setup.converged(ada, bob)
  })

  test('by a captive portal makes the status offline', async () => {
    const ada = setup.open({ connect: false })
    const portal: Rule = async () =>
      new Response('<form>', { headers: { 'content-type': 'text/html' } })
    const heals = (['state', 'segment', 'updates'] as const).map((route) =>
      ada.gate.use(route, portal),
    )
    ada.type('kept')
    ada.provider.connect()
    await eventually(() => ada.provider.status === 'offline')
    for (const heal of heals) heal()
    await connected(ada)
    await setup.converged(ada)
  })
})
