/** How live changes arrive; see the option `live` of a provider. */
export type LiveMode = 'shared' | 'sse' | 'long-poll'

/** The default mode: browsers limit the number of connections to a server. */
export const defaultLiveMode = (): LiveMode =>
  typeof globalThis.location === 'undefined' ? 'sse' : 'shared'
