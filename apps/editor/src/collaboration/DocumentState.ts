import type { ElectricProviderError, ProviderStatus } from 'y-electric'

/** What is true of an open document. */
export interface DocumentState {
  status: ProviderStatus
  /** This tab has all that the server had. */
  synced: boolean
  /** The server has all that this tab has. */
  saved: boolean
  /** All that this tab has is on this device, and survives the tab. */
  stored: boolean
  /** There are edits here that the server does not have. */
  hasUnsavedEdits: boolean
  /** When the oldest of them was made, in milliseconds since the epoch. */
  unsavedSince: number | null
  /** When the server last confirmed an edit of this tab. */
  lastSavedAt: number | null
  /** The document was complete at least once since it was opened here. */
  loadedOnce: boolean
  /** This device had kept something of the document when it was opened. */
  hasCopy: boolean
  /** It is disconnected because the person wanted it to be. */
  isOffByChoice: boolean
  /** The server takes no edits from this person. */
  isForbidden: boolean
  /** This browser keeps nothing (any more). */
  hasStorageFailed: boolean
  error: ElectricProviderError | null
}

export function isSameState(one: DocumentState, other: DocumentState): boolean {
  const names = Object.keys(one) as (keyof DocumentState)[]
  return names.every((name) => one[name] === other[name])
}
