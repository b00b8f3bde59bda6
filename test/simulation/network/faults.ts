// The faults of the network.

export const NETWORK_FAULTS = [
  'lose the request',
  'lose the answer',
  'double the request',
  'deliver the request late',
  'answer late',
  'truncate the answer',
  'answer 503 on the way',
  'answer with a login page',
] as const

export type NetworkFault = (typeof NETWORK_FAULTS)[number]

export const ROUTES = ['updates', 'state', 'segments', 'folds', 'awareness', 'any'] as const

export type RouteName = (typeof ROUTES)[number]

/** A fault for the next request of a route. */
export interface PlannedFault {
  readonly fault: NetworkFault
  readonly route: RouteName
}

/** Describes a request for a trace: `POST updates`, `GET segments 3`. */
export function describeRequest(method: string, url: URL): { route: RouteName; text: string } {
  if (url.pathname.endsWith('/live')) return { route: 'any', text: `${method} live` }
  const [, route = '', rest = ''] = /\/docs\/[^/]+\/(\w+)\/?([^?]*)/.exec(url.pathname) ?? []
  const live = url.searchParams.get('live') === 'true' ? ' live' : ''
  const offset = url.searchParams.get('offset')
  const text = `${method} ${route} ${rest}${live}${offset === null ? '' : ` from ${offset}`}`
  const known = ROUTES.find((name) => name === route) ?? 'any'
  return { route: known, text: text.replace(/ +/g, ' ').trim() }
}
