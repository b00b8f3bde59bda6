import type { Context } from 'hono'
import { RequestError } from '../errors.ts'
import { accountOf, type BodyAccount } from './body-budget.ts'
import { type BodyProgress, watchBody } from './body-progress.ts'

type TooLarge =
  | 'update_too_large'
  | 'snapshot_too_large'
  | 'awareness_too_large'
  | 'document_too_large'
  | 'file_too_large'
  | 'invalid_request'

/** A body that declares at most this many bytes is read in one piece, which is faster. */
const ONE_PIECE_BYTES = 16 * 1024

/**
 * Reads the body of a request, up to `maxBytes`. A body that declares a larger length is refused unread;
 * a body of unknown length is refused as soon as it exceeds the limit.
 * @throws {RequestError} with `code`; `body_consumed` if another part of the app has read the body;
 * `request_timeout` if it arrives too slowly; `server_busy` if all bodies together hold too much memory
 */
export async function readBody(c: Context, maxBytes: number, code: TooLarge): Promise<Uint8Array> {
  const request = c.req.raw
  const tooLarge = () => new RequestError(code, `the body has more than ${maxBytes} bytes`)
  const claimed = claimedLength(request)
  if (claimed > maxBytes) throw tooLarge()
  if (claimed === 0) return new Uint8Array()
  if (wasReadBefore(c)) throw consumed()
  const account = accountOf(c)
  const progress = watchBody(account.limits)
  let bytes: Uint8Array
  try {
    // An HTTP server enforces the declared length, so reading in one piece does not count bytes.
    bytes =
      claimed <= ONE_PIECE_BYTES
        ? await readInOnePiece(request, account, progress)
        : await readInParts(request, account, progress, (size) => {
            if (size > maxBytes) throw tooLarge()
          })
  } catch (error) {
    // The Fetch standard throws a TypeError for a body that was read or is locked; a broken connection
    // causes another error.
    throw error instanceof TypeError && !request.signal.aborted ? consumed(error) : error
  } finally {
    progress.stop()
  }
  if (bytes.byteLength > maxBytes) throw tooLarge()
  // An adapter may treat a stream that was already read as an empty body.
  const isCut = bytes.byteLength < claimed && !request.headers.has('content-encoding')
  if (isCut || (bytes.byteLength === 0 && lostItsParts(c))) throw consumed()
  return bytes
}

const claimedLength = ({ headers }: Request): number =>
  Number(headers.get('content-length') ?? Number.NaN)

async function readInOnePiece(
  request: Request,
  account: BodyAccount,
  { tooSlow }: BodyProgress,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(await Promise.race([request.arrayBuffer(), tooSlow]))
  account.take(bytes.byteLength)
  return bytes
}

async function readInParts(
  request: Request,
  account: BodyAccount,
  progress: BodyProgress,
  checkSize: (size: number) => void,
): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    // The reader is not cancelled after a refusal: that would cut the connection before the answer.
    const { done, value } = await Promise.race([reader.read(), progress.tooSlow])
    if (done) return concatenate(chunks, size)
    size += value.byteLength
    progress.arrived(value.byteLength)
    checkSize(size)
    account.take(value.byteLength)
    chunks.push(value)
  }
}

/** Copies each chunk once. */
function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** Node's own request, which adapters for Node put into `env`. */
interface NodeRequest {
  readonly readableDidRead?: boolean
  /** Some hosts read every body and keep it here for adapters. */
  readonly rawBody?: unknown
}

function nodeRequestOf(c: Context): NodeRequest | undefined {
  const env: unknown = c.env
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return undefined
  const { incoming } = env
  return typeof incoming === 'object' && incoming !== null ? incoming : undefined
}

function wasReadBefore(c: Context): boolean {
  if (c.req.raw.bodyUsed) return true
  const incoming = nodeRequestOf(c)
  return incoming?.readableDidRead === true && !(incoming.rawBody instanceof Uint8Array)
}

/** True for a chunked body outside Node: if no byte is left, another reader may have read it all. */
const lostItsParts = (c: Context): boolean =>
  c.req.header('transfer-encoding') !== undefined && nodeRequestOf(c) === undefined

const consumed = (cause?: unknown): RequestError =>
  new RequestError(
    'body_consumed',
    'the body of this request was read before y-electric could read it: mount y-electric before body parsers such as express.json(), or exclude its paths from them',
    { cause },
  )

/** Bytes that a small JSON body may take, with room for white space. */
export const MAX_JSON_BYTES = 4 * 1024

/**
 * A small JSON body. Any value other than an object is treated as an empty object.
 * @throws {RequestError} invalid_request, body_consumed
 */
export async function readJsonObject(
  c: Context,
  maxBytes = MAX_JSON_BYTES,
): Promise<Readonly<Record<string, unknown>>> {
  const json = parseJson(await readBody(c, maxBytes, 'invalid_request'))
  return typeof json === 'object' && json !== null ? { ...json } : {}
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

/** @throws {RequestError} unsupported_media_type */
export function requireMediaType(c: Context, expected: string): void {
  const sent = mediaTypeOf(c)
  if (sent === expected) return
  throw new RequestError(
    'unsupported_media_type',
    `send the body as ${expected}, not as ${sent ?? 'nothing'}`,
  )
}

/** The media type of the body, without its parameters. */
export const mediaTypeOf = (c: Context): string | undefined =>
  c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
