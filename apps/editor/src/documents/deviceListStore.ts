import { useSyncExternalStore } from 'react'
import { type DeviceList, parseDeviceList } from './deviceList.ts'

const KEY = 'y-electric:documents'
const listeners = new Set<() => void>()

// Also kept in memory: if storage is forbidden (private windows) the list lives as long as the tab.
let current = parseDeviceList(stored())

export function changeDeviceList(change: (list: DeviceList) => DeviceList): void {
  // Another tab may have changed the list since, so the change is applied to the stored list.
  const latest = stored()
  const base = latest === null ? current : parseDeviceList(latest)
  const next = change(base)
  if (next === base) return
  current = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Storage is full or forbidden. This loses an entry of the list, not a document.
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
