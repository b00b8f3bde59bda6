// The right to call `POST /revoke`, its limits, and its body.
import { describe, expect, test } from 'vitest'
import { serveApp, useBackend } from '../e2e/server.ts'
import { expectError } from './api.ts'
import { revoke, SECRET } from './revoking.ts'

describe('the right to revoke', () => {
  const backend = useBackend('postgres')

  test('is limited by the hook of the app, which is only called for users who may revoke', async () => {
    const asked: unknown[] = []
    const server = await serveApp({
      backend: backend.current,
      revoke: SECRET,
      limits: (_request, { action, route, docId, user, size }) => {
        asked.push({ action, route, docId, user, isSized: size > 0 })
        return asked.length > 1 ? { code: 'too_many_requests', retryAfter: 7 } : null
      },
    })
    await expectError(await revoke(server, { user: 'ada' }, 'a guess'), 403, 'forbidden')
    expect(asked).toEqual([])
    expect((await revoke(server, { user: 'ada' })).status).toBe(200)
    const refused = await revoke(server, { user: 'ada' })
    expect(refused.headers.get('retry-after')).toBe('7')
    await expectError(refused, 429, 'too_many_requests')
    const subject = { action: 'revoke', route: 'revoke', docId: '', user: null, isSized: true }
    expect(asked).toEqual([subject, subject])
    await server.close()
  })

  test('the secret or the hook gives the right to revoke, and without either option the route is off', async () => {
    const off = await serveApp({ backend: backend.current })
    await expectError(await revoke(off, { user: 'ada' }), 404, 'not_found')
    const secret = await serveApp({ backend: backend.current, revoke: SECRET })
    expect((await revoke(secret, { user: 'ada' })).status).toBe(200)
    await expectError(await revoke(secret, { user: 'ada' }, 'a guess'), 403, 'forbidden')
    await expectError(
      await fetch(`${secret.url}/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"user":"ada"}',
      }),
      401,
      'unauthenticated',
    )
    const hook = await serveApp({
      backend: backend.current,
      revoke: (request) => (request.headers.get('x-admin') === 'yes' ? 'allow' : 'forbidden'),
    })
    await expectError(await revoke(hook, { user: 'ada' }), 403, 'forbidden')
    for (const server of [off, secret, hook]) await server.close()
    await expect(serveApp({ backend: backend.current, revoke: '' })).rejects.toThrow(RangeError)
  })

  test.each([
    {},
    { user: '' },
    { user: 7 },
    { docId: '' },
    { docId: '..' },
    { user: 'a', docId: 7 },
    [7],
  ])('the body %j is refused', async (target) => {
    const server = await serveApp({ backend: backend.current, revoke: SECRET })
    await expectError(await revoke(server, target), 400, 'invalid_request')
    await server.close()
  })
})
