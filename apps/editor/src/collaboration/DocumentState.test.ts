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

test('two states are the same only if all their facts are equal', () => {
  expect(isSameState(settled, { ...settled })).toBe(true)
  expect(isSameState(settled, { ...settled, stored: false })).toBe(false)
})
