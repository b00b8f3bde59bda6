// A `fetch` between a provider and a server. The test decides about each request.
import type { ServerErrorCode } from 'y-electric/protocol'

export type Route = 'updates' | 'state' | 'segment'

/** One request that reached the gate. */
export interface GateCall {
  readonly route: Route
  readonly url: URL
  readonly headers: Headers
  /** The batch id of a write. */
  readonly batchId: string | null
  /** The length of a write's body. */
  readonly bytes: number | null
  readonly signal: AbortSignal | null
  /** The result of the call so far. */
  outcome: 'pending' | 'failed' | number
}

/** Decides what happens to a call; `pass` sends it on to the server. */
export type Rule = (call: GateCall, pass: () => Promise<Response>) => Promise<Response>

export interface Held {
  /** Resolves with the first call that is held, or whose answer is held. */
  readonly arrived: Promise<GateCall>
  /** Releases all waiting calls, and future ones. */
  release(): void
}

/** How a connection ends: with an error, or with the regular end of the body. */
export type Breakage = 'reset' | 'end'
type Cut = (how: Breakage) => void

export interface Gate {
  readonly fetch: typeof fetch
  readonly calls: readonly GateCall[]
  /** Applies this rule to every call of a route until it is removed. The newest rule wins. */
  use(route: Route, rule: Rule): () => void
  /** Applies these rules to the next calls of a route, one each. */
  next(route: Route, ...rules: readonly Rule[]): void
  /**
   * Holds calls of a route until they are released: before they are sent, or after they are
   * answered.
   */
  hold(route: Route, what?: 'requests' | 'answers'): Held
  /** The number of calls of a route. */
  count(route: Route): number
  /** Cuts off every running read: streams, and polls without an answer yet. */
  cut(how?: Breakage): void
  /** Calls that are neither answered nor given up. A stream is open until its signal aborts. */
  open(): readonly GateCall[]
}

export function createGate(): Gate {
  const calls: GateCall[] = []
  const rules: { readonly route: Route; readonly rule: Rule }[] = []
  const cuts = new Set<Cut>()

  const gatedFetch: typeof fetch = async (input, init) => {
    const call = callOf(input, init)
    calls.push(call)
    const pass = () => fetch(input, init)
    const rule = rules.findLast(({ route }) => route === call.route)?.rule
    try {
      const answered = rule === undefined ? pass() : rule(call, pass)
      const response = await (call.route === 'updates' ? answered : orCut(answered, cuts))
      call.outcome = response.status
      return call.route === 'updates' ? response : breakable(response, cuts)
    } catch (error) {
      call.outcome = 'failed'
      throw error
    }
  }

  const use: Gate['use'] = (route, rule) => {
    const entry = { route, rule }
    rules.push(entry)
    return () => {
      const at = rules.indexOf(entry)
      if (at >= 0) rules.splice(at, 1)
    }
  }

  return {
    fetch: gatedFetch,
    calls,
    use,
    next(route, ...once) {
      const left = [...once]
      const forget = use(route, (call, pass) => {
        const rule = left.shift()
        if (left.length === 0) forget()
        return rule === undefined ? pass() : rule(call, pass)
      })
    },
    hold(route, what = 'requests') {
      let release = () => {}
      let arrive: (call: GateCall) => void = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      const arrived = new Promise<GateCall>((resolve) => {
        arrive = resolve
      })
      const forget = use(route, async (call, pass) => {
        const answered = what === 'answers' ? await pass() : null
        arrive(call)
        await untilAborted(released, call.signal)
        return answered ?? pass()
      })
      return {
        arrived,
        release() {
          forget()
          release()
        },
      }
    },
    count: (route) => calls.filter((call) => call.route === route).length,
    cut(how = 'reset') {
      for (const cut of [...cuts]) cut(how)
    },
    open: () =>
      calls.filter(
        ({ outcome, signal, url }) =>
          signal?.aborted !== true &&
          (outcome === 'pending' || (outcome === 200 && url.searchParams.has('live_sse'))),
      ),
  }
}

function callOf(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): GateCall {
  const url = new URL(input instanceof Request ? input.url : input)
  const headers = new Headers(init?.headers)
  const route = url.pathname.endsWith('/updates')
    ? 'updates'
    : url.pathname.endsWith('/state')
      ? 'state'
      : 'segment'
  return {
    route,
    url,
    headers,
    batchId: headers.get('idempotency-key'),
    bytes: init?.body instanceof Uint8Array ? init.body.byteLength : null,
    signal: init?.signal ?? null,
    outcome: 'pending',
  }
}

/** Like `fetch`, it rejects at once when a waiting request is aborted. */
async function untilAborted(wait: Promise<void>, signal: AbortSignal | null): Promise<void> {
  if (signal === null) return wait
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
  await Promise.race([wait, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}

const networkError = (): TypeError => new TypeError('fetch failed (by the gate)')

/** The request never reaches the server. */
export const dropRequest: Rule = async () => {
  throw networkError()
}

/** The server handles the request, and its answer is lost. */
export const dropAnswer: Rule = async (_call, pass) => {
  await readOrCancel(await pass())
  throw networkError()
}

/** Never answers; only an abort ends it. */
export const hang: Rule = async ({ signal }) => {
  await untilAborted(new Promise(() => {}), signal)
  throw networkError()
}

/** Answers with an error of the protocol; the server never sees the request. */
export const answer =
  (status: number, code: ServerErrorCode, headers: Record<string, string> = {}): Rule =>
  async () =>
    Response.json({ error: { code, message: 'by the gate' } }, { status, headers })

/** The request arrives twice, and the answer is the second one. */
export const sendTwice: Rule = async (_call, pass) => {
  await readOrCancel(await pass())
  return pass()
}

/** Reading a stream to its end would never return. */
async function readOrCancel(response: Response): Promise<void> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  await (isStream ? response.body?.cancel() : response.arrayBuffer())?.catch(() => {})
}

/** The answer, or an error if the connection is cut before it arrives. */
async function orCut(answer: Promise<Response>, cuts: Set<Cut>): Promise<Response> {
  let cut: Cut = () => {}
  const broken = new Promise<never>((_, reject) => {
    cut = () => reject(networkError())
  })
  cuts.add(cut)
  try {
    return await Promise.race([answer, broken])
  } finally {
    cuts.delete(cut)
  }
}

/** A response that can be cut off while it is read. */
function breakable(response: Response, cuts: Set<Cut>): Response {
  if (response.body === null) return response
  const reader = response.body.getReader()
  let cut: Cut = () => {}
  const broken = new Promise<Breakage>((resolve) => {
    cut = resolve
  })
  cuts.add(cut)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const read = await Promise.race([reader.read(), broken]).catch((error: unknown) => {
        cuts.delete(cut)
        throw error
      })
      if (typeof read !== 'string' && !read.done) return controller.enqueue(read.value)
      cuts.delete(cut)
      if (read === 'reset') controller.error(networkError())
      else controller.close()
      if (typeof read === 'string') await reader.cancel()
    },
    cancel(reason) {
      cuts.delete(cut)
      return reader.cancel(reason)
    },
  })
  return new Response(body, { status: response.status, headers: response.headers })
}
