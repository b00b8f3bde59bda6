/** Calls `listener` when the runtime says that the network is back. Returns a function that forgets it. */
export function onOnline(listener: () => void): () => void {
  const { addEventListener, removeEventListener } = globalThis as Partial<typeof globalThis>
  if (typeof addEventListener !== 'function' || typeof removeEventListener !== 'function') {
    return () => {}
  }
  globalThis.addEventListener('online', listener)
  return () => globalThis.removeEventListener('online', listener)
}
