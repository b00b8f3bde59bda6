import { expect, test } from 'vitest'
import { type DocumentState, isAtRisk, isSameState } from './DocumentState.ts'

const settled: DocumentState = {
  status: 'connected',
  synced: true,
  saved: true,
  stored: true,
  hasUnsavedEdits: false,
  loadedOnce: true,
  hasCopy: false,
  isOffByChoice: false,
  isForbidden: false,
  hasStorageFailed: false,
  error: null,
}

test('closing the tab loses only what is neither on the server nor on this device', () => {
  for (const hasUnsavedEdits of [true, false]) {
    for (const stored of [true, false]) {
      const atRisk = isAtRisk({ ...settled, hasUnsavedEdits, stored })
      expect(atRisk).toBe(hasUnsavedEdits && !stored)
    }
  }
})

test('a state is the same until one of its facts changes', () => {
  expect(isSameState(settled, { ...settled })).toBe(true)
  expect(isSameState(settled, { ...settled, stored: false })).toBe(false)
})
