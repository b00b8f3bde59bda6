import type { ProviderFacts } from 'y-electric'

/** The facts of a document as one line. */
export function statusText({ status, synced, saved, stored, error }: ProviderFacts): string {
  if (status === 'refused' || status === 'auth-failed') return error?.message ?? 'Refused'
  if (status === 'offline') return stored ? 'Offline, kept on this device' : 'Offline'
  if (!synced) return 'Opening…'
  return saved ? 'Saved' : 'Saving…'
}
