import type { OpenShared } from '../io/http.ts'
import type { LiveHubs } from '../io/live-hubs.ts'
import type { ModuleLoader } from '../io/module-loader.ts'
import type { Platform } from '../io/platform.ts'
import type { ApiUrl } from '../io/url.ts'
import { sharingModule } from './lazy-modules.ts'

export interface SharedStreamsOptions {
  readonly api: ApiUrl
  readonly platform: Platform
  /** The app's own `fetch`: providers with different ones share nothing. */
  readonly customFetch: typeof fetch | undefined
  /** Whether streams are shared with the other tabs of the browser too. */
  readonly tabs: boolean
  readonly modules: ModuleLoader
}

/**
 * Opens streams jointly with the other providers of this page. The module loads while state is being
 * read. While it cannot be loaded, each stream has a request of its own.
 */
export function sharedStreams(options: SharedStreamsOptions): OpenShared {
  const { api, platform, customFetch, tabs, modules } = options
  let hubs: LiveHubs | null = null
  modules.load(sharingModule).catch(() => {})
  return async ({ url, headers, signal, fetch }) => {
    const module = sharingModule.loaded ?? (await modules.load(sharingModule).catch(() => null))
    if (signal.aborted) throw signal.reason
    if (module === null) return null
    hubs ??= new module.LiveHubs({
      api,
      clock: platform.clock,
      page: platform,
      customFetch,
      fetch,
      shareAmongTabs: module.liveSharing(tabs, platform),
    })
    return hubs.open(url, headers, signal)
  }
}
