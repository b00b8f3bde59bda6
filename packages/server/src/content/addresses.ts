// Which addresses may be written where a browser follows them.

/** Where an address stands: a link is followed, an image or other media is only loaded. */
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

/** An address without a scheme is on the server that shows it. */
const BASE = 'https://relative.invalid/'

/** What a browser makes of the address; null when it makes nothing of it, and follows nothing. */
function schemeOf(address: string): string | null {
  try {
    return new URL(address, BASE).protocol
  } catch {
    return null
  }
}

/** Reads an address as browsers do: capitals, white space around it and line breaks in it do not count. */
export function addressKind(address: string, use: AddressUse): AddressKind {
  const scheme = schemeOf(address)
  if (scheme === null || SAFE[use].has(scheme)) return 'safe'
  return runsAsAddress(address) ? 'script' : 'inert'
}

const DOCUMENT_DATA = /^data:(text\/html|text\/xml|application\/xml|application\/xhtml\+xml)/

/** True for a value that would run if an editor used it as an address. */
export function runsAsAddress(value: string): boolean {
  // Most values have no colon, and parsing costs more than looking.
  if (!value.includes(':')) return false
  const scheme = schemeOf(value)
  if (scheme === null) return false
  if (SCRIPTS.has(scheme)) return true
  return scheme === 'data:' && DOCUMENT_DATA.test(new URL(value, BASE).href.toLowerCase())
}
