import { describe, expect, test } from 'vitest'
import { momentInWords } from '../documents/when.ts'
import { type BadgeState, badge } from './badge.ts'

const settled: BadgeState = {
  status: 'connected',
  synced: true,
  saved: true,
  stored: true,
  hasUnsavedEdits: false,
  unsavedSince: null,
  loadedOnce: true,
  hasCopy: false,
  isOffByChoice: false,
  isReading: false,
  error: null,
}
const opening: BadgeState = {
  ...settled,
  status: 'connecting',
  synced: false,
  saved: false,
  loadedOnce: false,
}
const unsaved = { saved: false, stored: false, hasUnsavedEdits: true }
const kept = { ...unsaved, stored: true }
const offByChoice = { status: 'closed', isOffByChoice: true } as const

/** The compiler requires every status. */
const STATUSES: Record<BadgeState['status'], true> = {
  connecting: true,
  connected: true,
  offline: true,
  refused: true,
  'auth-failed': true,
  closed: true,
}
const statuses = Object.keys(STATUSES) as BadgeState['status'][]
const everyState: BadgeState[] = statuses.flatMap((status) =>
  Array.from({ length: 256 }, (_, bits) => ({
    status,
    synced: (bits & 1) > 0,
    saved: (bits & 2) > 0,
    hasUnsavedEdits: (bits & 4) > 0,
    unsavedSince: (bits & 4) > 0 ? 1_000 : null,
    loadedOnce: (bits & 8) > 0,
    stored: (bits & 16) > 0,
    hasCopy: (bits & 32) > 0,
    isOffByChoice: (bits & 64) > 0,
    isReading: (bits & 128) > 0,
    error: null,
  })),
)

describe('in every state', () => {
  test('the badge shows "Saved" exactly if it is connected, synced and saved', () => {
    for (const state of everyState) {
      const complete = state.status === 'connected' && state.synced && state.saved
      const word = state.isReading ? 'Read only' : 'Saved'
      expect(badge(state).text === word, JSON.stringify(state)).toBe(complete)
      expect(badge(state).tone === 'saved', JSON.stringify(state)).toBe(
        complete && !state.isReading,
      )
    }
  })

  test('the text mentions waiting edits only if there are some', () => {
    for (const state of everyState.filter((each) => !each.hasUnsavedEdits)) {
      const { text, detail } = badge(state)
      expect(`${text} ${detail}`).not.toMatch(/wait|kept (in|on)|copy/i)
    }
  })

  test('the text says that edits are on this device only if they are', () => {
    for (const state of everyState.filter((each) => !each.stored)) {
      const { text, detail } = badge(state)
      expect(`${text} ${detail}`).not.toMatch(/on this device/i)
    }
  })

  test('the text asks to keep the tab open only for edits that would be lost with it', () => {
    for (const state of everyState.filter((each) => each.stored)) {
      expect(badge(state).detail).not.toMatch(/keep (it|this tab) open/i)
    }
  })

  test('the badge has a text and a detail', () => {
    for (const state of everyState) {
      expect(badge(state).text).not.toBe('')
      expect(badge(state).detail).toMatch(/[.]$/)
    }
  })
})

describe('the badge', () => {
  test.each<[string, BadgeState]>([
    ['Loading…', opening],
    ['Loading…', { ...opening, status: 'connected' }],
    ['Loading…', { ...opening, ...unsaved }],
    ['Saved', settled],
    ['Saving…', { ...settled, ...unsaved }],
    ['Saving…', { ...settled, ...unsaved, synced: false }],
    ['Reconnecting…', { ...settled, status: 'connecting', synced: false }],
    ['Reconnecting…', { ...settled, ...unsaved, status: 'connecting' }],
    ['Offline: your edits wait here', { ...settled, ...unsaved, status: 'offline' }],
    ['Offline: showing what was last loaded', { ...settled, status: 'offline', synced: false }],
    ['Offline: not loaded yet', { ...opening, status: 'offline' }],
    ['Sign-in needed: you are not signed in', { ...opening, status: 'auth-failed' }],
    ['Offline: your edits are kept on this device', { ...settled, ...kept, status: 'offline' }],
    [
      'Offline: your edits are kept on this device',
      { ...opening, ...kept, status: 'offline', hasCopy: true },
    ],
    ['Offline: showing what was last loaded', { ...opening, status: 'offline', hasCopy: true }],
    ['Connecting…', { ...opening, hasCopy: true }],
    ['Loading…', { ...opening, status: 'closed' }],
    ['You are working offline', { ...settled, ...offByChoice }],
    ['You are working offline', { ...settled, ...kept, ...offByChoice }],
    ['Read only', { ...settled, isReading: true }],
    ['Offline: showing what was last loaded', { ...settled, status: 'offline', isReading: true }],
    ['Closed', { ...settled, status: 'closed' }],
  ])('shows "%s"', (text, state) => {
    expect(badge(state).text).toBe(text)
  })

  test('shows since when edits wait while it is connecting', () => {
    const since = Date.now() - 60_000
    const waiting = { ...settled, ...unsaved, unsavedSince: since, status: 'connecting' } as const
    const words = `Not saved since ${momentInWords(since, Date.now())}`
    expect(badge(waiting).text).toBe(`Reconnecting… ${words}`)
    expect(badge({ ...waiting, loadedOnce: false, hasCopy: true }).text).toBe(
      `Connecting… ${words}`,
    )
    expect(badge({ ...waiting, loadedOnce: false }).text).toBe('Loading…')
  })

  test.each([
    ['forbidden', 'Refused: you may not change this document'],
    ['update_too_large', 'Refused: the latest edit is too large'],
    ['update_too_complex', 'Refused: the latest edit is too large'],
    ['invalid_update', 'Refused: the server could not read the latest edit'],
    ['a_code_of_tomorrow', 'Refused: the reason of the server'],
  ])('shows why an edit was refused: %s', (code, text) => {
    const error = { code, message: 'the reason of the server' }
    expect(badge({ ...settled, ...unsaved, status: 'refused', error }).text).toBe(text)
  })

  test('shows where refused edits are kept', () => {
    const error = { code: 'forbidden', message: '' }
    const refused = { ...settled, ...unsaved, status: 'refused', error } as const
    expect(badge(refused).detail).toMatch(/kept in this tab:/)
    expect(badge({ ...refused, stored: true }).detail).toMatch(/in this tab and on this device:/)
  })

  test('shows that the person may not open the document', () => {
    const error = { code: 'forbidden', message: '' }
    const { text, detail } = badge({ ...opening, status: 'refused', error })
    expect(text).toBe('Refused: you may not open this document')
    expect(detail).not.toMatch(/your latest edits/)
  })

  test('shows that the reason of a refusal is unknown', () => {
    expect(badge({ ...settled, status: 'refused' }).text).toBe('Refused: the server gave no reason')
  })
})
