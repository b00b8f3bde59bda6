import { builtin } from '../node.ts'
import { storable } from './unreadable.ts'

/** Longest name of a user that is stored, in UTF-16 code units. */
export const MAX_USER_LENGTH = 200

/** The length of the digest that distinguishes names that cannot be stored unchanged. */
const DIGEST_LENGTH = 22

/**
 * The name under which a user is stored, owns presence and is counted; null for a name without a storable
 * character. Most names stay unchanged. A name that is too long, or holds characters that Postgres cannot
 * store, is shortened and gets a digest of the whole name, so that two users never share a name.
 */
export function userName(user: string): string | null {
  const name = storable(user)
  if (name === '') return null
  if (name === user && name.length <= MAX_USER_LENGTH) return name
  // Hexadecimal code units: UTF-8 would make half surrogates equal.
  const units = Array.from({ length: user.length }, (_, i) => user.charCodeAt(i).toString(16))
  const digest = builtin('node:crypto')
    .createHash('sha256')
    .update(units.join())
    .digest('base64url')
  const kept = storable(name.slice(0, MAX_USER_LENGTH - DIGEST_LENGTH - 1))
  return `${kept}#${digest.slice(0, DIGEST_LENGTH)}`
}
