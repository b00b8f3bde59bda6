import { RequestError } from '@y-electric/server'
import { ERROR_STATUS, type ErrorBody, type ServerErrorCode } from 'y-electric/protocol'
import { OpenAnswers } from './open-answers.ts'

/** The requests that a fault concerns. `writes` change something; `reads` are all others, streams included. */
export type Concerned = 'all' | 'reads' | 'writes'

export interface FaultOptions {
  /** Default: `all`. */
  readonly only?: Concerned
}

/** Ends a fault. Calling it again does nothing. */
export type EndFault = () => void

/**
 * The effect of a fault on a request: the fault answers, throws like a lost connection, or lets `pass` answer.
 */
type Fault = (request: Request, pass: () => Promise<Response>) => Promise<Response>

/** Thrown for a request whose connection is lost. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/**
 * The faults of a network and of a server, which a test switches on and off. Each switch holds for new requests
 * until the function that it returns, or `none()`, is called. Several faults add up; the newest applies first.
 */
export class Faults {
  readonly #faults = new Set<Fault>()
  readonly #open = new OpenAnswers()

  /** Breaks every connection, and every new request fails as without a network. */
  offline(): EndFault {
    const end = this.#add('all', () => Promise.reject(lost()))
    this.#open.cut(() => true, lost)
    return end
  }

  /** Each request reaches the server `ms` milliseconds later. */
  slow(ms: number, { only = 'all' }: FaultOptions = {}): EndFault {
    if (!(ms >= 0)) throw new RangeError(`slow: the delay must be 0 ms or more, not ${ms}`)
    return this.#add(only, async (request, pass) => {
      await delay(ms, request.signal)
      return pass()
    })
  }

  /**
   * Requests are answered with 503 `database_unavailable`, as while the database is away.
   * `retryAfterSeconds` is sent as `Retry-After`; default: 1.
   */
  unavailable(options: FaultOptions & { readonly retryAfterSeconds?: number } = {}): EndFault {
    const { only = 'all', retryAfterSeconds = 1 } = options
    return this.#add(only, async () =>
      refusal('database_unavailable', { 'retry-after': String(retryAfterSeconds) }),
    )
  }

  /**
   * Requests are refused with an error code of the server: `forbidden`, `unauthenticated`, `update_too_large`, ….
   * A stream that is open stays open: see `dropStreams`.
   * @throws {RequestError} `invalid_request` if there is no such code
   */
  refuse(code: ServerErrorCode, { only = 'all' }: FaultOptions = {}): EndFault {
    if (!Object.hasOwn(ERROR_STATUS, code)) {
      throw new RequestError('invalid_request', `refuse: there is no error code "${code}"`)
    }
    return this.#add(only, async () => refusal(code))
  }

  /**
   * Breaks the live streams and long polls that are open now. New ones are accepted.
   * @returns how many were broken
   */
  dropStreams(): number {
    return this.#open.cut(({ isLive }) => isLive, lost)
  }

  /** The live streams and long polls that are open now. */
  get openStreams(): number {
    return this.#open.count(({ isLive }) => isLive)
  }

  /** Ends all faults. */
  none(): void {
    this.#faults.clear()
  }

  /**
   * Serves a request under the current faults.
   * @param breakConnection breaks the connection of the request; null for a request without one
   * @throws {ConnectionLost}
   */
  serve(
    request: Request,
    handle: (request: Request) => Response | Promise<Response>,
    breakConnection: (() => void) | null,
  ): Promise<Response> {
    const pass = [...this.#faults].reduce<() => Promise<Response>>(
      (next, fault) => () => fault(request, next),
      async () => handle(request),
    )
    return this.#open.during(request, pass, breakConnection)
  }

  /** Breaks everything that is open, at the end. */
  close(): void {
    this.offline()
  }

  #add(only: Concerned, fault: Fault): EndFault {
    const limited: Fault = (request, pass) =>
      only === 'all' || only === kindOf(request) ? fault(request, pass) : pass()
    this.#faults.add(limited)
    return () => this.#faults.delete(limited)
  }
}

/** `POST /live` opens a stream that reads many documents. */
const kindOf = ({ method, url }: Request): Concerned =>
  method === 'GET' || method === 'HEAD' || new URL(url).pathname.endsWith('/live')
    ? 'reads'
    : 'writes'

const lost = (): ConnectionLost => new ConnectionLost('the test server broke the connection')

function refusal(code: ServerErrorCode, headers: Record<string, string> = {}): Response {
  const body: ErrorBody = { error: { code, message: 'a fault of the test server' } }
  return Response.json(body, { status: ERROR_STATUS[code], headers })
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
