import { digest } from 'lib0/hash/sha256'
import { encodeUtf8 } from 'lib0/string'

/**
 * Derives a client id from its purpose: every writer derives the same one, and no other client gets
 * it.
 */
export function derivedClient(purpose: string, ...ids: readonly number[]): number {
  const hash = digest(encodeUtf8([purpose, ...ids].join(' ')))
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0)
}

/**
 * The client id for content that moved together with the hidden edits that were sent again as
 * `client`.
 */
export const movedWith = (client: number): number => derivedClient('moved', client)

/** The client id for restored content that was deleted by mistake. */
export const copyOf = (client: number, clock: number, len: number): number =>
  derivedClient('restored', client, clock, len)
