/** How many groups of an IPv6 address identify a network: a provider assigns a /64 to one customer. */
const NETWORK_GROUPS = 4

/**
 * The network of an address, for limits by address: an IPv4 address itself, also if it is written as an
 * IPv6 address; for any other IPv6 address its first 64 bits, because one owner has all addresses below them.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!plain.includes(':')) return address
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0')
  const whole = tail === undefined ? groups : [...groups, ...missing, ...after]
  const network = whole
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
