import { errorResponse } from './respond.ts'

type Handle = (request: Request) => Promise<Response>

/**
 * Answers only requests that came in under an address or a loopback name. A page of another site can point a
 * name of its own at this machine (DNS rebinding), and would then read every table of a service that asks
 * for no secret. It cannot do that with an address or with `localhost`.
 */
export const underOwnHost =
  (handle: Handle): Handle =>
  async (request) => {
    const host = request.headers.get('host') ?? ''
    if (isOwnHost(host)) return handle(request)
    const message = `without a secret this service does not answer as "${host}": use localhost, or start it with --secret`
    return errorResponse(403, { message, code: 'host_not_allowed' })
  }

/** True for IP addresses, `localhost` and names below it, with or without a port. */
export function isOwnHost(host: string): boolean {
  const text = `http://${host}`
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  // Nothing but a name and a port.
  if (url.href !== `${url.origin}/`) return false
  const name = url.hostname.replace(/\.$/, '')
  // The parser takes every name that ends in a number for an IPv4 address, or refuses it.
  const isAddress = name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(name)
  return isAddress || name === 'localhost' || name.endsWith('.localhost')
}
