/** The headers of a request that identify the page that sent it. Pages cannot forge them. */
export interface Sender {
  readonly method: string
  /** `Sec-Fetch-Site`; browsers send it to secure and to loopback origins only. */
  readonly site: string | null
  readonly origin: string | null
  /** The names with ports under which the browser may have reached this server, as proxies report them. */
  readonly hosts: readonly string[]
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Decides whether a page of another origin sent a request that changes something. Programs that are not
 * browsers send neither header and are not affected.
 */
export function isForeignWrite({ method, site, origin, hosts }: Sender): boolean {
  if (SAFE_METHODS.has(method)) return false
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  if (origin === null) return false
  return !hosts.some((host) => isSameHost(origin, host))
}

/** The scheme is ignored: behind a proxy that terminates TLS, this server does not know it. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  const own = `${page.protocol}//${host}`
  return page.host !== '' && URL.canParse(own) && new URL(own).host === page.host
}

/** Schemes of credentials that a browser attaches to requests of any page by itself. */
const BROWSER_SCHEMES = /^(basic|digest|negotiate|ntlm)\b/i

/** True for a request with credentials that the browser may have added without the page knowing them. */
export const hasAmbientCredentials = (headers: Headers): boolean =>
  headers.has('cookie') || BROWSER_SCHEMES.test(headers.get('authorization') ?? '')
