import { DEFAULT_LIMITS } from '../limits.ts'

const GROUPS = 8
const GROUP_BITS = 16

/**
 * The network of an address, for limits by address: an IPv4 address itself, also if it is written as an
 * IPv6 address; for any other IPv6 address its first bits, because one owner has all addresses below them.
 * @param prefixBits how many bits, from 1 to 128
 */
export function networkOf(address: string, prefixBits = DEFAULT_LIMITS.ipv6PrefixBits): string {
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!plain.includes(':')) return address
  const groups = groupsOf(plain)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  }
  const bits = Math.min(prefixBits, GROUPS * GROUP_BITS)
  const network = groups
    .slice(0, Math.ceil(bits / GROUP_BITS))
    .map((group, i) => maskOf(group, bits - i * GROUP_BITS).toString(16))
  const isWhole = network.length === GROUPS
  return `${network.join(':')}${isWhole ? '' : '::'}/${bits}`
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = Array.from(
    { length: Math.max(0, GROUPS - before.length - after.length) },
    () => '0',
  )
  const groups = tail === undefined ? before : [...before, ...missing, ...after]
  return groups.map((group) => Number.parseInt(group, 16))
}

const maskOf = (group: number, bits: number): number =>
  bits >= GROUP_BITS ? group : group & (0xffff << (GROUP_BITS - bits)) & 0xffff
