// Sends `POST /revoke` like an operator.
import type { TestServer } from '../e2e/server.ts'

export const SECRET = 'the-secret-of-the-operator'

export const revoke = ({ url }: TestServer, target: object, secret = SECRET): Promise<Response> =>
  fetch(`${url}/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify(target),
  })
