// Behaves like a CDN. Equal requests share one answer, even while it is still being fetched, for as long
// as its cache-control allows.
export interface SharedCache {
  readonly fetch: typeof fetch
  hits(): number
}

interface Kept {
  readonly until: number
  readonly status: number
  readonly headers: Headers
  readonly body: ArrayBuffer
}

export function sharedCache(): SharedCache {
  const kept = new Map<string, Promise<Kept | null>>()
  let hits = 0

  async function load(url: string, init: RequestInit | undefined): Promise<Response> {
    // The abort of one client must not end a request for which others wait.
    return fetch(url, { ...init, signal: null })
  }

  const cachedFetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const isCacheable =
      (init?.method ?? 'GET') === 'GET' &&
      url.includes('/segments/') &&
      !url.includes('live_sse=true')
    if (!isCacheable) return fetch(input, init)
    const known = await kept.get(url)
    if (known && known.until > Date.now()) {
      hits++
      return answer(known)
    }
    kept.delete(url)
    const loading = load(url, init).then(keep)
    kept.set(url, loading)
    const fresh = await loading
    return fresh === null ? fetch(input, init) : answer(fresh)
  }
  return { fetch: cachedFetch, hits: () => hits }
}

async function keep(response: Response): Promise<Kept | null> {
  const control = response.headers.get('cache-control') ?? ''
  const seconds = Number(/max-age=(\d+)/.exec(control)?.[1] ?? 0)
  if (!control.includes('public') || seconds === 0) return null
  const body = await response.arrayBuffer()
  const { status, headers } = response
  return { until: Date.now() + seconds * 1_000, status, headers, body }
}

const answer = ({ status, headers, body }: Kept): Response =>
  new Response(status === 304 ? null : body, { status, headers })
