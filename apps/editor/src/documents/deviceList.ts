/** The documents that were opened on this device. Pure: `deviceListStore` stores the list. */

export interface ListedDocument {
  docId: string
  title: string
  /** Milliseconds since 1970. */
  lastOpened: number
}

export type DeviceList = readonly ListedDocument[]

export const UNTITLED = 'Untitled'

export function withOpened(list: DeviceList, docId: string, now: number): DeviceList {
  const known = list.find((entry) => entry.docId === docId)
  const entry = { docId, title: known?.title ?? UNTITLED, lastOpened: now }
  return [entry, ...without(list, docId)]
}

export function withTitle(list: DeviceList, docId: string, title: string): DeviceList {
  const changes = list.some((entry) => entry.docId === docId && entry.title !== title)
  if (!changes) return list
  return list.map((entry) => (entry.docId === docId ? { ...entry, title } : entry))
}

export function without(list: DeviceList, docId: string): DeviceList {
  return list.filter((entry) => entry.docId !== docId)
}

/** Puts an entry back at its previous place: the list is sorted newest first. */
export function withRestored(list: DeviceList, entry: ListedDocument): DeviceList {
  return [...without(list, entry.docId), entry].sort((a, b) => b.lastOpened - a.lastOpened)
}

/**
 * Parses the stored list, which another version of this page may have written; ignores invalid
 * entries.
 */
export function parseDeviceList(stored: string | null): DeviceList {
  if (stored === null) return []
  let value: unknown
  try {
    value = JSON.parse(stored)
  } catch {
    return []
  }
  return Array.isArray(value) ? value.filter(isListedDocument) : []
}

function isListedDocument(value: unknown): value is ListedDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    'docId' in value &&
    typeof value.docId === 'string' &&
    'title' in value &&
    typeof value.title === 'string' &&
    'lastOpened' in value &&
    typeof value.lastOpened === 'number'
  )
}
