// Helpers of the server's tests: plain HTTP requests that do not use the provider.
import { randomInt, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { expect } from 'vitest'
import { ERROR_STATUS, parseErrorBody, statePath, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { IS_OWN_DOCUMENT, ownDocuments } from '../e2e/ownDocuments.ts'
import type { TestServer } from '../e2e/server.ts'

/** A small update of a new client. The client id takes five bytes, so updates with the same text have the same length. */
export function someUpdate(text = 'x'): Uint8Array {
  const doc = new Y.Doc({ guid: 'api' })
  doc.clientID = randomInt(2 ** 28, 2 ** 32)
  doc.getText('body').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}

export interface PostOptions {
  readonly batchId?: string
  readonly headers?: Record<string, string>
  readonly body?: BodyInit | null
}

export function postUpdate(
  server: Pick<TestServer, 'url'>,
  docId: string,
  { batchId = randomUUID(), headers = {}, body = someUpdate() as BodyInit }: PostOptions = {},
): Promise<Response> {
  return fetch(server.url + updatesPath(docId), {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'idempotency-key': batchId,
      ...headers,
    },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit)
}

export const getState = (
  server: Pick<TestServer, 'url'>,
  docId: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<Response> => fetch(`${server.url}${statePath(docId)}${query}`, { headers })

/** Expects an error in the common JSON form, with headers that forbid caching. */
export async function expectError(
  response: Response,
  status: number,
  code: keyof typeof ERROR_STATUS,
): Promise<void> {
  const text = await response.text()
  expect({ status: response.status, body: text }).toMatchObject({ status })
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body: unknown = JSON.parse(text)
  expect(Object.keys(body as object)).toEqual(['error'])
  expect(parseErrorBody(body)?.code).toBe(code)
  expect(ERROR_STATUS[code]).toBe(status)
  if (status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
}

/** Sends a request with exactly this path; `fetch` would normalise the path. */
export function rawRequest(
  server: Pick<TestServer, 'port'>,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Uint8Array | readonly Uint8Array[],
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      // The request has its own connection, which the server may close before it has read everything.
      { host: '127.0.0.1', port: server.port, method, path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () =>
          resolve(
            // A Response with status 304 takes no body, not even an empty one.
            new Response(chunks.length === 0 ? null : new Uint8Array(Buffer.concat(chunks)), {
              status: incoming.statusCode ?? 0,
              headers: Object.fromEntries(
                Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
              ),
            }),
          ),
        )
      },
    )
    request.on('error', reject)
    if (!Array.isArray(body)) request.end(body)
    else {
      for (const chunk of body) request.write(chunk)
      request.end()
    }
  })
}

/** Counts the rows of the test's own documents. A refused request must not change the number. */
export async function countRows({ pool }: Pick<TestServer, 'pool'>): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM ydoc_update WHERE ${IS_OWN_DOCUMENT})::int
            + (SELECT count(*) FROM ydoc_file WHERE ${IS_OWN_DOCUMENT})::int
            + (SELECT count(*) FROM ydoc_document WHERE ${IS_OWN_DOCUMENT})::int AS count`,
    [ownDocuments(pool)],
  )
  return rows[0]?.count ?? 0
}
