// A `fetch` between a provider and a server that the test controls, one request at a time.
import type { ServerErrorCode } from 'y-electric/protocol'

export type Route = 'updates' | 'state' | 'segment'

/** One request as the gate saw it. */
export interface GateCall {
  readonly route: Route
  readonly url: URL
  readonly headers: Headers
  /** The batch of a write. */
  readonly batchId: string | null
  /** How long a write's body is. */
  readonly bytes: number | null
  readonly signal: AbortSignal | null
  /** What came of it so far. */
  outcome: 'pending' | 'failed' | number
}

/** Decides what becomes of a call; `pass` sends it on to the server. */
export type Rule = (call: GateCall, pass: () => Promise<Response>) => Promise<Response>

export interface Held {
  /** Resolves with the first call that waits here, or whose answer does. */
  readonly arrived: Promise<GateCall>
  /** Lets go of all that wait, and of those to come. */
  release(): void
}

/** How a connection ends: with an error, or like one that was done. */
export type Breakage = 'reset' | 'end'
type Cut = (how: Breakage) => void

export interface Gate {
  readonly fetch: typeof fetch
  readonly calls: readonly GateCall[]
  /** Every call of a route goes through this rule, until it is taken back. The newest rule wins. */
  use(route: Route, rule: Rule): () => void
  /** The next calls of a route go through these rules, one each. */
  next(route: Route, ...rules: readonly Rule[]): void
  /** Calls of a route wait until they are released: unsent, or else their answers do, which are there. */
  hold(route: Route, what?: 'requests' | 'answers'): Held
  /** How many calls of a route there were. */
  count(route: Route): number
  /** Breaks off every read that is under way: streams, and polls without an answer yet. */
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

/** As `fetch` does: whoever aborts a request that waits here is told so at once. */
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

/** The server does what it was asked, and its answer is lost. */
export const dropAnswer: Rule = async (_call, pass) => {
  await readOrCancel(await pass())
  throw networkError()
}

/** No answer, ever; only an abort ends it. */
export const hang: Rule = async ({ signal }) => {
  await untilAborted(new Promise(() => {}), signal)
  throw networkError()
}

/** Answered here with an error of the protocol; the server never sees the request. */
export const answer =
  (status: number, code: ServerErrorCode, headers: Record<string, string> = {}): Rule =>
  async () =>
    Response.json({ error: { code, message: 'by the gate' } }, { status, headers })

/** The request arrives twice, the answer is the second one. */
export const sendTwice: Rule = async (_call, pass) => {
  await readOrCancel(await pass())
  return pass()
}

/** A stream would be read for ever. */
async function readOrCancel(response: Response): Promise<void> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  await (isStream ? response.body?.cancel() : response.arrayBuffer())?.catch(() => {})
}

/** The answer, or an error if the connection is cut before it comes. */
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

/** A response that can be broken off while it is read. */
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
