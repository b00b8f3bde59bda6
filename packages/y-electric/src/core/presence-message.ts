import { decodeBytea } from '../protocol/hex.ts'
import type { ShapeMessage } from './follow.ts'

/** The meaning of one message of the presence shape. */
export type PresenceAction =
  | { readonly type: 'here'; readonly clientId: number; readonly update: Uint8Array }
  | { readonly type: 'gone'; readonly clientId: number }
  | { readonly type: 'caught-up' }
  | { readonly type: 'restart' }
  | { readonly type: 'ignore' }

/** Reads one message. An unreadable row neither shows nor hides anybody. */
export function presenceMessage(message: ShapeMessage): PresenceAction {
  const { control, operation }: { control?: unknown; operation?: unknown } = message.headers
  if (control === 'up-to-date') return { type: 'caught-up' }
  if (control === 'must-refetch') return { type: 'restart' }
  const { value } = message
  if (typeof value !== 'object' || value === null || !('client_id' in value)) {
    return { type: 'ignore' }
  }
  const clientId = readClientId(value.client_id)
  if (clientId === null) return { type: 'ignore' }
  if (operation === 'delete') return { type: 'gone', clientId }
  // An update names only the columns that changed.
  if (!('data' in value) || typeof value.data !== 'string') return { type: 'ignore' }
  try {
    return { type: 'here', clientId, update: decodeBytea(value.data) }
  } catch {
    return { type: 'ignore' }
  }
}

/** A Yjs client id is a 32-bit number; a shape encodes all numbers as text. */
function readClientId(text: unknown): number | null {
  if (typeof text !== 'string' || !/^\d{1,10}$/.test(text)) return null
  const clientId = Number(text)
  return clientId < 2 ** 32 ? clientId : null
}
