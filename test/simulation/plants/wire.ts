// Faults between provider and server: in requests, in answers and in streams.
import {
  decodeState,
  encodeState,
  IDEMPOTENCY_KEY_HEADER,
  JOIN_PARAM,
  NEWEST_HEADER,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import type { Platform } from '../browsers/page.ts'
import type { Plant } from '../plant.ts'

type Fetch = typeof fetch

/** These faults concern stored rows, so their clients read state without the additional parts for joiners. */
const plainState = (url: string): string => url.replace(new RegExp(`\\?${JOIN_PARAM}=\\w+$`), '')

const onFetch = (
  instead: (url: string, init: RequestInit, send: Fetch) => ReturnType<Fetch>,
): Pick<Plant, 'platform'> => ({
  platform: (inner: Platform) => ({
    ...inner,
    fetch: (input, init = {}) => instead(plainState(String(input)), init, inner.fetch),
  }),
})

const isPost = (url: string, { method }: RequestInit): boolean =>
  method === 'POST' && url.includes('/updates')

const batchOf = ({ headers }: RequestInit): string =>
  new Headers(headers).get(IDEMPOTENCY_KEY_HEADER) ?? ''

/** An update of the same structs, without its deletes. */
function withoutDeletes(update: Uint8Array): Uint8Array {
  const { ds } = Y.decodeUpdate(update)
  if (ds.clients.size === 0) return update
  const bytes = update.slice(0, update.byteLength - deletesSize(ds) + 1)
  bytes[bytes.byteLength - 1] = 0
  return bytes
}

/** The number of bytes of the delete set at the end of an update (Yjs v1). */
function deletesSize(ds: ReturnType<typeof Y.decodeUpdate>['ds']): number {
  const varint = (value: number): number => {
    let size = 1
    for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1
    return size
  }
  let size = varint(ds.clients.size)
  for (const [client, runs] of ds.clients) {
    size += varint(client) + varint(runs.length)
    for (const { clock, len } of runs) size += varint(clock) + varint(len)
  }
  return size
}

async function withState(
  url: string,
  response: Response,
  change: (state: ReturnType<typeof decodeState>) => ReturnType<typeof decodeState>,
): Promise<Response> {
  if (!url.endsWith('/state') || response.status !== 200) return response
  const state = decodeState(new Uint8Array(await response.arrayBuffer()))
  const { status, headers } = response
  const plain = new Headers(headers)
  plain.delete('content-length')
  const body = encodeState({ ...state, ...change(state) } as Parameters<typeof encodeState>[0])
  return new Response(new Uint8Array(body), { status, headers: plain })
}

/** Answers do not name the newest rows, so that only the seal tells a reader of a new segment. */
export const withoutNewest: Pick<Plant, 'serve' | 'profile'> = {
  serve: async (request, serve) => {
    const response = await serve(request)
    if (!request.url.includes('/segments/')) return response
    const headers = new Headers(response.headers)
    headers.delete(NEWEST_HEADER)
    return new Response(response.body, { status: response.status, headers })
  },
  profile: { live: 'long-poll' },
}

export const WIRE_PLANTS: readonly Plant[] = [
  {
    name: 'a proxy acks writes that it does not forward',
    about: 'an intermediary answers instead of the server',
    ...onFetch(async (url, init, send) =>
      isPost(url, init) ? Response.json({ seq: 1 }, { status: 201 }) : send(url, init),
    ),
  },
  {
    name: 'a retry carries other bytes',
    about: 'later edits are added to a batch that was sent',
    fresh: () => {
      const tries = new Map<string, number>()
      return onFetch((url, init, send) => {
        if (!isPost(url, init)) return send(url, init)
        const count = (tries.get(batchOf(init)) ?? 0) + 1
        tries.set(batchOf(init), count)
        if (count === 1) return send(url, init)
        const other = Y.encodeStateAsUpdate(new Y.Doc({ guid: 'other' }))
        return send(url, { ...init, body: new Uint8Array(other) })
      })
    },
  },
  {
    name: 'all batches have one id',
    about: 'the source of ids repeats itself',
    platform: (inner) => ({
      ...inner,
      clock: { ...inner.clock, uuid: () => '00000000-0000-4000-8000-000000000000' },
    }),
  },
  {
    name: 'the delete set of an edit is lost in transit',
    about: 'an update is encoded again without its deletes',
    ...onFetch((url, init, send) => {
      if (!isPost(url, init)) return send(url, init)
      return send(url, { ...init, body: new Uint8Array(withoutDeletes(init.body as Uint8Array)) })
    }),
  },
  {
    name: 'state lacks its newest row',
    about: 'the read of state is older than the last commit',
    ...onFetch(async (url, init, send) =>
      withState(url, await send(url, init), (state) => ({
        ...state,
        rows: state.rows.slice(0, -1),
      })),
    ),
  },
  {
    name: 'state lacks its snapshot row',
    about: 'the rows are read after a fold, the snapshot row before it',
    ...onFetch(async (url, init, send) =>
      withState(url, await send(url, init), (state) => ({ ...state, snapshot: null })),
    ),
  },
  {
    name: 'a cache answers with an old state',
    about: 'a cache answers without asking the server',
    fresh: () => {
      let kept: Response | null = null
      return onFetch(async (url, init, send) => {
        if (!url.endsWith('/state')) return send(url, init)
        kept ??= await send(url, init)
        return kept.clone()
      })
    },
  },
  {
    name: 'all writes after the first one are dropped',
    about: 'the connection for writes breaks permanently',
    fresh: () => {
      const seen = new WeakSet<object>()
      return onFetch((url, init, send) => {
        if (!isPost(url, init) || !seen.has(send)) {
          if (isPost(url, init)) seen.add(send)
          return send(url, init)
        }
        return Promise.reject(new TypeError('fetch failed'))
      })
    },
  },
  {
    name: 'the shape service loses rows that commit out of order',
    about: 'the service assumes that it has read all rows up to the largest seq',
    fresh: () => {
      let largest = 0
      return {
        shapes: (messages: Parameters<NonNullable<Plant['shapes']>>[0]) =>
          messages.filter(({ value }) => {
            const seq = Number(value?.seq ?? 0)
            if (seq < largest - 40) largest = 0
            const isOld = seq < largest
            largest = Math.max(largest, seq)
            return !isOld
          }),
      }
    },
    profile: { browsers: 2 },
  },
  {
    name: 'a shape ends before its last row',
    about: 'the answer is cut at a limit',
    shapes: (messages) => messages.slice(0, -1),
  },
  {
    name: 'a shape reports a row as deleted',
    about: 'the rows of a segment are reported as deleted',
    // With the newest rows, the reader learns that rows are missing, and joins again.
    ...withoutNewest,
    // A client whose own presence row is reported as deleted would write it again and again.
    profile: { ...withoutNewest.profile, hasPresence: false },
    shapes: (messages) =>
      messages.map((message) => ({
        ...message,
        headers: { ...message.headers, operation: 'delete' },
      })),
  },
  {
    name: 'presence of others is not delivered',
    about: 'presence rows are always empty',
    shapes: (messages) => messages.filter(({ value }) => value?.client_id === undefined),
    ...onFetch((url, init, send) =>
      url.endsWith('/awareness/rows')
        ? Promise.resolve(new Response(new Uint8Array([1, 0]), { headers: PRESENCE_HEADERS }))
        : send(url, init),
    ),
    profile: { hasPresence: true, browsers: 2 },
  },
]

const PRESENCE_HEADERS = { 'content-type': 'application/vnd.y-electric.presence' }
