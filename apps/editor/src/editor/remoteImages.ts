/**
 * The addresses on other servers whose pictures this page may load. A document must not make its
 * readers' browsers call a server that its writer chose: that server would learn who reads it, and
 * when.
 */
const allowed = new Set<string>()

/**
 * The app's setting: with `VITE_REMOTE_IMAGES=always` at build time, pictures are loaded without a
 * click.
 */
const ALWAYS = import.meta.env?.VITE_REMOTE_IMAGES === 'always'

/**
 * The host of the other server that an address leads to; null if it leads to this server or is
 * invalid.
 */
export function remoteHostOf(address: unknown, base: string): string | null {
  if (typeof address !== 'string' || !URL.canParse(address, base)) return null
  const { protocol, origin, host } = new URL(address, base)
  const isHttp = protocol === 'http:' || protocol === 'https:'
  return isHttp && origin !== new URL(base).origin ? host : null
}

/** True if the page may load a picture from there without asking. */
export const mayLoad = (address: string, base: string): boolean =>
  ALWAYS || allowed.has(address) || remoteHostOf(address, base) === null

/** Called after a click: from now on this page may load the picture. */
export function allowToLoad(address: string): void {
  allowed.add(address)
}
