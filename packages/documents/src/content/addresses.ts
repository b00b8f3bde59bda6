// Decides which addresses may be written where a browser follows them.

/** The use of an address: a browser follows a link, and only loads an image or other media. */
export type AddressUse = 'link' | 'media'

export type AddressKind =
  /** May stand in `href` or `src`. */
  | 'safe'
  /** Its scheme is not known to be harmless. It is kept as data that no browser follows. */
  | 'inert'
  /** Could run a script. It is left out. */
  | 'script'

const SAFE: Readonly<Record<AddressUse, ReadonlySet<string>>> = {
  link: new Set(['http:', 'https:', 'mailto:', 'tel:', 'sms:', 'ftp:', 'irc:', 'ircs:', 'xmpp:']),
  // An image by data URL cannot run anything.
  media: new Set(['http:', 'https:', 'data:', 'blob:']),
}

const SCRIPTS: ReadonlySet<string> = new Set([
  'javascript:',
  'vbscript:',
  'livescript:',
  'mocha:',
  'jscript:',
])

/** Resolves addresses without a scheme, which point to the server that serves the page. */
const BASE = 'https://relative.invalid/'

/** The scheme of the address as a browser resolves it; null if a browser does not follow it. */
function schemeOf(address: string): string | null {
  try {
    return new URL(address, BASE).protocol
  } catch {
    return null
  }
}

/** Reads an address as browsers do: they ignore case, surrounding white space and line breaks inside. */
export function addressKind(address: string, use: AddressUse): AddressKind {
  const scheme = schemeOf(address)
  if (scheme === null || SAFE[use].has(scheme)) return 'safe'
  return runsAsAddress(address) ? 'script' : 'inert'
}

const DOCUMENT_DATA = /^data:(text\/html|text\/xml|application\/xml|application\/xhtml\+xml)/

/** True for a value that would run if an editor used it as an address. */
export function runsAsAddress(value: string): boolean {
  // Most values have no colon, and parsing a URL costs more than looking for one.
  if (!value.includes(':')) return false
  const scheme = schemeOf(value)
  if (scheme === null) return false
  if (SCRIPTS.has(scheme)) return true
  return scheme === 'data:' && DOCUMENT_DATA.test(new URL(value, BASE).href.toLowerCase())
}
