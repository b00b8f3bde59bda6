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

/** What closing the tab would lose: edits that are neither on the server nor on this device. */
export function isAtRisk({ hasUnsavedEdits, stored }: DocumentState): boolean {
  return hasUnsavedEdits && !stored
}

export function isSameState(one: DocumentState, other: DocumentState): boolean {
  const names = Object.keys(one) as (keyof DocumentState)[]
  return names.every((name) => one[name] === other[name])
}
