import type { Clock } from './clock.ts'
import { LiveHub, NotJoined } from './live-hub.ts'
import type { ApiUrl } from './url.ts'

/** For how long a server that does not join streams is not asked again, in milliseconds. */
const NOT_JOINED_MS = 300_000

/** The hubs of a page, by the `fetch` that they use, and by address and credentials. */
const hubs = new WeakMap<object, Map<string, LiveHub>>()

/** When servers last said that they do not join streams, by `fetch` and address. */
const notJoined = new WeakMap<object, Map<string, number>>()

export interface LiveHubsOptions {
  readonly api: ApiUrl
  readonly clock: Clock
  /** The app's own `fetch`: providers with different ones share nothing. */
  readonly customFetch: typeof fetch | undefined
  readonly fetch: typeof fetch
}

/** Opens streams through the hub of all providers of this page with the same address and credentials. */
export class LiveHubs {
  readonly #options: LiveHubsOptions
  readonly #owner: object

  constructor(options: LiveHubsOptions) {
    this.#options = options
    this.#owner = options.customFetch ?? globalThis
  }

  /**
   * @param headers the credentials, among others
   * @returns null if the stream must be asked for by itself
   */
  async open(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response | null> {
    const { api, clock } = this.#options
    const path = api.pathOf(url)
    const refusals = mapOf(notJoined, this.#owner)
    const refusedAt = refusals.get(api.href)
    if (path === null || (refusedAt !== undefined && clock.now() - refusedAt < NOT_JOINED_MS)) {
      return null
    }
    try {
      return await this.#hub(headers).open(path, signal)
    } catch (error) {
      if (!(error instanceof NotJoined)) throw error
      refusals.set(api.href, clock.now())
      return null
    }
  }

  #hub(headers: Readonly<Record<string, string>>): LiveHub {
    const { api, clock, fetch } = this.#options
    const ofOwner = mapOf(hubs, this.#owner)
    const credentials = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    const key = JSON.stringify([api.href, credentials.sort()])
    const known = ofOwner.get(key)
    if (known !== undefined) return known
    const hub = new LiveHub({
      clock,
      post: (streams, signal) =>
        fetch(api.at('/live'), {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ streams }),
          signal,
        }),
      onIdle: () => ofOwner.delete(key),
    })
    ofOwner.set(key, hub)
    return hub
  }
}

function mapOf<V>(maps: WeakMap<object, Map<string, V>>, owner: object): Map<string, V> {
  const known = maps.get(owner)
  if (known !== undefined) return known
  const fresh = new Map<string, V>()
  maps.set(owner, fresh)
  return fresh
}
