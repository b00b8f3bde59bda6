import type { ElectricProviderError, ProviderStatus } from 'y-electric'

/** The facts about an open document. */
export interface DocumentState {
  status: ProviderStatus
  /** This tab has everything that the server had. */
  synced: boolean
  /** The server has everything that this tab has. */
  saved: boolean
  /** Everything that this tab has is stored on this device, and survives the tab. */
  stored: boolean
  /** This tab has edits that the server does not have. */
  hasUnsavedEdits: boolean
  /** When the oldest unsaved edit was made, in milliseconds since the epoch. */
  unsavedSince: number | null
  /** When the server last confirmed an edit of this tab. */
  lastSavedAt: number | null
  /** The document was complete at least once since it was opened here. */
  loadedOnce: boolean
  /** This device had stored content of the document when it was opened. */
  hasCopy: boolean
  /** The person disconnected the document. */
  isOffByChoice: boolean
  /** The server accepts no edits from this person. */
  isForbidden: boolean
  /** This browser cannot store the document, or no longer. */
  hasStorageFailed: boolean
  error: ElectricProviderError | null
}

export function isSameState(one: DocumentState, other: DocumentState): boolean {
  const names = Object.keys(one) as (keyof DocumentState)[]
  return names.every((name) => one[name] === other[name])
}
