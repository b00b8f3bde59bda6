// Sends the requests of the routes fuzzer to the app in this process, or over a socket.
import { request as httpRequest } from 'node:http'
import { fromHex } from '../generators/bytes.ts'
import type { FuzzRequest } from '../generators/requests.ts'

/** The longest wait for an answer, in milliseconds. */
const ANSWER_MS = 10_000
/** The longest wait for a request that the server may hold until it has news, in milliseconds. */
const HELD_MS = 40

export interface Answer {
  /** The status; 0 if there was no answer. */
  readonly status: number
  /** The code of a refusal; empty if the answer has none. */
  readonly code: string
}

const NO_ANSWER: Answer = { status: 0, code: '' }

type Fetch = (request: Request) => Response | Promise<Response>

/** Sends a request to the app without a socket. Skips a path that is not a valid URL. */
export async function askInProcess(fetch: Fetch, asked: FuzzRequest): Promise<Answer> {
  const deadline = AbortSignal.timeout(deadlineOf(asked))
  let request: Request
  try {
    request = requestOf(asked, deadline)
  } catch {
    return NO_ANSWER
  }
  const isLate = new Promise<null>((resolve) => {
    deadline.addEventListener('abort', () => resolve(null), { once: true })
  })
  const response = await Promise.race([Promise.resolve(fetch(request)), isLate])
  if (response === null) return NO_ANSWER
  const { status, headers, body } = response
  // The stream has begun, so the test ends it.
  if (headers.get('content-type')?.startsWith('text/event-stream')) {
    await body?.cancel()
    return { status, code: '' }
  }
  const text = await Promise.race([response.text().catch(() => ''), isLate])
  return { status, code: codeOf(text ?? '', headers.get('content-encoding') !== null) }
}

function requestOf({ method, path, headers, body }: FuzzRequest, signal: AbortSignal): Request {
  const bytes = body === null ? null : fromHex(body)
  return new Request(`http://127.0.0.1/api${path}`, {
    method,
    headers: {
      ...sendable(headers),
      host: '127.0.0.1',
      ...(bytes === null ? {} : { 'content-length': String(bytes.byteLength) }),
    },
    body: bytes as BodyInit | null,
    signal,
  })
}

/** Sends the path unchanged; a `Request` would normalise it. */
export function askOverSocket(port: number, asked: FuzzRequest): Promise<Answer> {
  const { method, path, headers, body } = asked
  return new Promise((resolve) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path: `/api${path}`,
        headers: sendable(headers),
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = []
        const end = () => {
          const isPacked = incoming.headers['content-encoding'] !== undefined
          const code = codeOf(Buffer.concat(chunks).toString('utf8'), isPacked)
          resolve({ status: incoming.statusCode ?? 0, code })
          request.destroy()
        }
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', end)
        incoming.on('error', end)
        if (incoming.headers['content-type']?.startsWith('text/event-stream')) end()
      },
    )
    // There is no answer to a long poll, or to bytes that Node itself refuses.
    request.setTimeout(deadlineOf(asked), () => request.destroy())
    request.on('error', () => resolve(NO_ANSWER))
    const bytes = body === null ? new Uint8Array() : fromHex(body)
    // Without a length, Node sends the body of a DELETE as the next request.
    if (body !== null) request.setHeader('content-length', bytes.byteLength)
    request.end(bytes)
  })
}

/** Long polls and streams of shapes wait for news. */
const deadlineOf = ({ method, path }: FuzzRequest): number =>
  method === 'GET' && /\/(segments|awareness)\b.*[?&]live|\/live\b/.test(path) ? HELD_MS : ANSWER_MS

const codeOf = (text: string, isPacked: boolean): string =>
  isPacked ? 'compressed' : (/^\{"error":\{"code":"(\w+)"/.exec(text)?.[1] ?? '')

/** Removes headers with control characters, which Node refuses to send. */
const sendable = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '')]),
  )
