import type { Clock } from './clock.ts'
import { LiveHub, NotJoined, type OwnSource, type StreamSource } from './live-hub.ts'
import type { ApiUrl } from './url.ts'

/** How long a server that does not join streams is not asked again, in milliseconds. */
const NOT_JOINED_MS = 300_000

/** The sources of a page, by `fetch` function, address and credentials. */
const sources = new WeakMap<object, Map<string, StreamSource>>()

/**
 * When each server last answered that it does not join streams, by `fetch` function and address.
 */
const notJoined = new WeakMap<object, Map<string, number>>()

export interface LiveHubsOptions {
  readonly api: ApiUrl
  readonly clock: Clock
  /** Stands for the page: its providers share their streams. */
  readonly page: object
  /** The app's own `fetch`: providers with different ones share nothing. */
  readonly customFetch: typeof fetch | undefined
  readonly fetch: typeof fetch
  /** Shares a source with other tabs; null: only this page uses it. */
  readonly shareAmongTabs: ShareAmongTabs | null
}

/**
 * @param key the address and the credentials, which no other page may see
 * @param createSource called when this tab must open the streams for all tabs
 */
export type ShareAmongTabs = (options: {
  readonly key: string
  readonly clock: Clock
  readonly createSource: (onIdle: () => void) => OwnSource
  readonly onIdle: () => void
}) => StreamSource

/**
 * Opens streams through the hub that all providers of this page with the same address and
 * credentials share.
 */
export class LiveHubs {
  readonly #options: LiveHubsOptions
  readonly #owner: object

  constructor(options: LiveHubsOptions) {
    this.#options = options
    this.#owner = options.customFetch ?? options.page
  }

  /**
   * @param headers the headers, which include the credentials
   * @returns null if the stream needs its own request
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
      return await this.#source(headers).open(path, signal)
    } catch (error) {
      if (!(error instanceof NotJoined)) throw error
      refusals.set(api.href, clock.now())
      return null
    }
  }

  #source(headers: Readonly<Record<string, string>>): StreamSource {
    const { api, clock, fetch, customFetch, shareAmongTabs } = this.#options
    const ofOwner = mapOf(sources, this.#owner)
    const credentials = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    const key = JSON.stringify([api.href, credentials.sort()])
    const known = ofOwner.get(key)
    if (known !== undefined) return known
    const onIdle = () => void ofOwner.delete(key)
    const createSource = (whenIdle: () => void): OwnSource =>
      new LiveHub({
        clock,
        post: (streams, signal) =>
          fetch(api.at('/live'), {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify({ streams }),
            signal,
          }),
        onIdle: whenIdle,
      })
    // Other tabs cannot know what a custom `fetch` does with a request.
    const source =
      shareAmongTabs === null || customFetch !== undefined
        ? createSource(onIdle)
        : shareAmongTabs({ key, clock, createSource, onIdle })
    ofOwner.set(key, source)
    return source
  }
}

function mapOf<V>(maps: WeakMap<object, Map<string, V>>, owner: object): Map<string, V> {
  const known = maps.get(owner)
  if (known !== undefined) return known
  const fresh = new Map<string, V>()
  maps.set(owner, fresh)
  return fresh
}
