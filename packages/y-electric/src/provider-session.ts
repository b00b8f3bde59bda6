// From the options of a provider to its session: applies the defaults, and connects it to the platform.
import { DEFAULT_COMPACTION } from './core/compaction.ts'
import { DEFAULT_RETRY } from './core/retry.ts'
import { createHttp } from './io/http.ts'
import { defaultLiveMode } from './io/live-mode.ts'
import { ModuleLoader } from './io/module-loader.ts'
import { systemPlatform } from './io/platform.ts'
import { parseApiUrl } from './io/url.ts'
import { UrlWarnings } from './io/url-warnings.ts'
import { MAX_STATE_STRUCTS, MAX_UPDATE_BYTES } from './protocol/limits.ts'
import type { ElectricProviderOptions } from './provider-options.ts'
import type { SessionOptions } from './session/options.ts'
import type { OwnAwareness } from './session/own-awareness.ts'
import { Session } from './session/session.ts'
import { sharedStreams } from './session/shared-streams.ts'

/** The parts of a session that only the provider has: itself as the origin, and its listeners. */
type ProviderHooks = Pick<SessionOptions, 'origin' | 'onFacts' | 'onError' | 'onCompaction'>

/** @throws {ElectricProviderError} `invalid_request`, if the URL is not one */
export function createSession(
  options: Omit<ElectricProviderOptions, 'awareness'>,
  awareness: OwnAwareness | null,
  hooks: ProviderHooks,
): Session {
  const api = parseApiUrl(options.url)
  const { platform = systemPlatform, fetch: customFetch, tabs = true } = options
  const live = options.live ?? defaultLiveMode()
  const retry = { ...DEFAULT_RETRY, ...options.retry }
  const modules = new ModuleLoader({ clock: platform.clock, retry, onError: hooks.onError })
  return new Session({
    api,
    docId: options.docId,
    doc: options.doc,
    http: createHttp({
      headers: options.headers,
      fetch: customFetch,
      platform,
      openShared:
        live === 'shared' ? sharedStreams({ api, platform, customFetch, tabs, modules }) : null,
    }),
    clock: platform.clock,
    platform,
    live: live === 'shared' ? 'sse' : live,
    modules,
    retry,
    maxUpdateBytes: options.maxUpdateBytes ?? MAX_UPDATE_BYTES,
    maxDocumentStructs: options.maxDocumentStructs ?? MAX_STATE_STRUCTS,
    urlWarnings: new UrlWarnings(options.docId),
    compaction:
      options.compaction === false ? null : { ...DEFAULT_COMPACTION, ...options.compaction },
    userName: options.userName,
    awareness,
    tabs,
    warnOnClose: options.warnOnClose ?? true,
    persistence: options.persistence ?? null,
    ...hooks,
  })
}
