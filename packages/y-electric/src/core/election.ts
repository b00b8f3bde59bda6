/**
 * Elects the client that compacts: each client computes its own slot, and all clients that know the
 * same peers agree.
 */
export interface Candidacy {
  readonly docId: string
  /** Number of the interval; equal for all clients whose clocks agree. */
  readonly interval: number
  /** This client's Yjs client id. */
  readonly self: number
  /** Client ids of all known peers; it does not matter whether `self` is among them. */
  readonly peers: readonly number[]
}

/**
 * This client's rank, from 0, by hash(docId, interval, clientId). The order is random, uniform,
 * different in each interval and the same for all clients. It is only advice (FOLD-2): two winners,
 * or none, cost only work.
 */
export function electionSlot({ docId, interval, self, peers }: Candidacy): number {
  const mine = hash(docId, interval, self)
  let slot = 0
  for (const peer of new Set(peers)) {
    if (peer === self) continue
    const theirs = hash(docId, interval, peer)
    if (theirs < mine || (theirs === mine && peer < self)) slot++
  }
  return slot
}

/** How strongly late slots are preferred when the number of candidates is unknown. */
const LATENESS = 10

/**
 * A slot for a client that knows no peers. Truncated exponential: a single client waits for most of
 * the `slots`, and of a thousand clients only a few come first, without anybody counting them. J.
 * Nonnenmacher and E. Biersack, "Scalable feedback for large groups", IEEE/ACM ToN 7(3), 1999.
 * @param random a number in [0, 1)
 */
export function randomSlot(random: number, slots: number): number {
  const late = Math.log(random * (Math.exp(LATENESS) - 1) + 1) / LATENESS
  return Math.min(slots - 1, Math.floor(late * slots))
}

/** FNV-1a over the text, then murmur3's finalizer, because FNV mixes the last characters poorly. */
function hash(docId: string, interval: number, clientId: number): number {
  let h = 0x811c9dc5
  const text = `${docId}\n${interval}\n${clientId}`
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
