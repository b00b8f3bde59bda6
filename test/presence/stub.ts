// Presence without a network, for tests about time: a table of rows and its shape, served as long polls.
import { preload } from 'y-electric'
import { encodePresence, PRESENCE_MEDIA_TYPE } from 'y-electric/protocol'
import { createStub, untilAborted } from '../provider/stub.ts'

// Loading takes real time, and time is virtual in the tests that use the stub.
await preload()

export interface PresenceStub {
  readonly fetch: typeof fetch
  /** The number of row writes so far: puts and deletes. */
  readonly writes: () => number
  readonly rows: ReadonlyMap<number, { readonly data: Uint8Array; readonly at: number }>
}

interface Entry {
  readonly operation: 'insert' | 'update' | 'delete'
  readonly clientId: number
  readonly data: Uint8Array | null
}

export function createPresenceStub(): PresenceStub {
  const documents = createStub()
  const rows = new Map<number, { data: Uint8Array; at: number }>()
  const log: Entry[] = []
  const pollers = new Set<() => void>()
  let writes = 0

  function note(entry: Entry): void {
    writes += 1
    log.push(entry)
    for (const poller of [...pollers]) poller()
  }

  function write(method: string, clientId: number, body: Uint8Array | null): Response {
    const before = rows.get(clientId)
    if (method === 'DELETE') {
      if (rows.delete(clientId)) note({ operation: 'delete', clientId, data: null })
    } else if (body !== null) {
      rows.set(clientId, { data: body, at: Date.now() })
      // Like Electric, the message does not contain an unchanged column.
      const isNews = before === undefined || String(before.data) !== String(body)
      const operation = before === undefined ? 'insert' : 'update'
      note({ operation, clientId, data: isNews ? body : null })
    }
    return new Response(null, { status: 204 })
  }

  async function shape(url: URL, signal: AbortSignal | null | undefined): Promise<Response> {
    const offset = url.searchParams.get('offset') ?? 'now'
    const from = offset === 'now' ? log.length : Number(offset.split('_')[0])
    const isLive = url.searchParams.get('live') === 'true'
    if (isLive && from >= log.length) {
      await new Promise<void>((resolve, reject) => {
        pollers.add(resolve)
        untilAborted(signal).catch((reason) => {
          pollers.delete(resolve)
          reject(reason)
        })
      })
    }
    const messages = log.slice(from).map(({ operation, clientId, data }) => ({
      key: `"${clientId}"`,
      value: {
        client_id: String(clientId),
        ...(data === null ? {} : { data: `\\x${Buffer.from(data).toString('hex')}` }),
      },
      headers: { operation },
    }))
    const end = { headers: { control: 'up-to-date', global_last_seen_lsn: String(log.length) } }
    return Response.json([...messages, end], {
      headers: {
        'electric-handle': 'presence-1',
        'electric-offset': `${log.length}_0`,
        'electric-schema': '{"client_id":{"type":"int8"},"data":{"type":"bytea"}}',
        'electric-up-to-date': '',
        ...(isLive ? { 'electric-cursor': String(100 + log.length) } : {}),
      },
    })
  }

  return {
    rows,
    writes: () => writes,
    fetch: async (input, init = {}) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const [, rest] = url.pathname.split('/awareness')
      if (rest === undefined) return documents.fetch(input, init)
      if (rest === '') return shape(url, init.signal)
      if (rest !== '/rows') {
        return write(init.method ?? '', Number(rest.slice(1)), init.body as Uint8Array | null)
      }
      const list = [...rows].map(([clientId, { data, at }]) => ({
        clientId,
        ageMs: Date.now() - at,
        data,
      }))
      return new Response(new Uint8Array(encodePresence(list)), {
        headers: { 'content-type': PRESENCE_MEDIA_TYPE },
      })
    },
  }
}
