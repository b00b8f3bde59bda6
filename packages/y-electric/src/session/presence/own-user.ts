import type { Awareness } from 'y-protocols/awareness'
import type { TabUser } from '../../core/ledger/events.ts'
import { readOwnPresence } from '../../io/own-presence.ts'

/** The presence of this page's user for other tabs; null if it is not shared or cannot be. */
export function userOf(awareness: Awareness | null): TabUser | null {
  if (awareness === null) return null
  try {
    return { clientId: awareness.clientID, update: readOwnPresence(awareness).update }
  } catch {
    // The sender reports it.
    return null
  }
}
