import { useSyncExternalStore } from 'react'
import { type DeviceList, parseDeviceList } from './deviceList.ts'

const KEY = 'y-electric:documents'
const listeners = new Set<() => void>()

// Kept in memory too: where storage is forbidden (private windows) the list lives as long as the tab.
let current = parseDeviceList(stored())

export function changeDeviceList(change: (list: DeviceList) => DeviceList): void {
  // Another tab may have written since; its changes are the base of ours.
  const latest = stored()
  const base = latest === null ? current : parseDeviceList(latest)
  const next = change(base)
  if (next === base) return
  current = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Full or forbidden: losing a line of this list is not losing a document.
  }
  for (const listener of listeners) listener()
}

export function useDeviceList(): DeviceList {
  return useSyncExternalStore(subscribe, () => current)
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key !== KEY && event.key !== null) return
    current = parseDeviceList(stored())
    listener()
  }
  listeners.add(listener)
  window.addEventListener('storage', onStorage)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', onStorage)
  }
}
