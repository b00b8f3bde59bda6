/** How live changes arrive; see the option `live` of a provider. */
export type LiveMode = 'shared' | 'sse' | 'long-poll'

/** The mode of a provider that names none: browsers limit how many connections there are to a server. */
export const defaultLiveMode = (): LiveMode =>
  typeof globalThis.location === 'undefined' ? 'sse' : 'shared'
