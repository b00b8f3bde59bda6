import { expect, test } from 'vitest'
import { type DocumentState, isSameState } from './DocumentState.ts'

const settled: DocumentState = {
  status: 'connected',
  synced: true,
  saved: true,
  stored: true,
  hasUnsavedEdits: false,
  unsavedSince: null,
  lastSavedAt: null,
  loadedOnce: true,
  hasCopy: false,
  isOffByChoice: false,
  isForbidden: false,
  hasStorageFailed: false,
  error: null,
}

test('a state is the same until one of its facts changes', () => {
  expect(isSameState(settled, { ...settled })).toBe(true)
  expect(isSameState(settled, { ...settled, stored: false })).toBe(false)
})
