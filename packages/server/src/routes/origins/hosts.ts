/** Host names under which a server answers: a list, or `*` for any name. */
export type AllowedHosts = readonly string[] | '*'

/** A name, optionally with a leading dot, which stands for the name and all names below it. */
const ENTRY = /^\.?[^\s.:/?#@*[\]]+(\.[^\s.:/?#@*[\]]+)*$/

/** True for an entry that `allowedHosts` may have: `notes.example.com` or `.example.com`. */
export const isHostEntry = (entry: string): boolean =>
  ENTRY.test(entry) && hostnameOf(entry.replace(/^\./, '')) !== null

/**
 * Decides whether a request used a name of this server. DNS rebinding gives a foreign page a name of its
 * own that resolves to this server, so names must be known. Addresses (`192.168.1.7`, `[::1]`) and
 * loopback names are always allowed: nobody can change where they point.
 * @param host the `Host` header, with or without a port
 */
export function isAllowedHost(host: string, allowed: AllowedHosts): boolean {
  if (allowed === '*') return true
  const name = hostnameOf(host)
  if (name === null) return false
  if (isAddress(name) || name === 'localhost' || name.endsWith('.localhost')) return true
  return allowed.some((entry) => {
    const own = hostnameOf(entry.replace(/^\./, ''))
    return name === own || (entry.startsWith('.') && name.endsWith(`.${own}`))
  })
}

/** The name in a `Host` header as browsers normalize it; null if it is not a name. */
function hostnameOf(host: string): string | null {
  const text = `http://${host}`
  if (host === '' || !URL.canParse(text)) return null
  const { hostname, username, password, pathname, search, hash } = new URL(text)
  const isOnlyHost = [username, password, search, hash].every((part) => part === '')
  if (!isOnlyHost || pathname !== '/' || /[\\/\s]/.test(host)) return null
  return hostname.replace(/\.$/, '')
}

/** The URL parser treats every name that ends in a number as an IPv4 address, or refuses it. */
const isAddress = (name: string): boolean =>
  name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(name)
