import { errorResponse } from './respond.ts'

type Handle = (request: Request) => Promise<Response>

/**
 * Serves only requests addressed to an IP address or a loopback name. Otherwise a page of another
 * site could point its own host name at this machine (DNS rebinding) and read every table of a
 * service without a secret. It cannot do that with an IP address or with `localhost`.
 */
export const underOwnHost =
  (handle: Handle): Handle =>
  async (request) => {
    const host = request.headers.get('host') ?? ''
    if (isOwnHost(host)) return handle(request)
    const message = `Without a secret this service does not accept the host "${host}": use localhost, or start the service with --secret`
    return errorResponse(403, { message, code: 'host_not_allowed' })
  }

/** True for IP addresses, `localhost` and names below it, with or without a port. */
export function isOwnHost(host: string): boolean {
  const text = `http://${host}`
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  // The text must contain nothing but a name and a port.
  if (url.href !== `${url.origin}/`) return false
  const name = url.hostname.replace(/\.$/, '')
  // The URL parser treats every name that ends in a number as an IPv4 address, or rejects it.
  const isAddress = name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(name)
  return isAddress || name === 'localhost' || name.endsWith('.localhost')
}
