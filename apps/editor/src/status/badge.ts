import type { ProviderStatus } from 'y-electric'
import { momentInWords } from '../documents/when.ts'

/** The facts about a document that the badge shows. */
export interface BadgeState {
  status: ProviderStatus
  synced: boolean
  saved: boolean
  /** Everything in this tab is stored on this device, and survives the tab. */
  stored: boolean
  hasUnsavedEdits: boolean
  /** When the oldest unsaved edit was made, in milliseconds since the epoch. */
  unsavedSince: number | null
  loadedOnce: boolean
  /** This device had stored content of the document when it was opened. */
  hasCopy: boolean
  isOffByChoice: boolean
  /** The page shows the document without a way to change it. */
  isReading: boolean
  error: { code: string; message: string } | null
}

export type BadgeTone =
  | 'saved'
  | 'saving'
  | 'loading'
  | 'offline'
  | 'refused'
  | 'sign-in'
  | 'closed'
  | 'read-only'

export interface Badge {
  tone: BadgeTone
  /** The text of the badge. */
  text: string
  /** Its meaning for the person, in one or two sentences. */
  detail: string
  /** True for good news about the latest edit, which may be shown with a delay. */
  isCalm: boolean
}

/**
 * Describes the state and never claims more than is true: "Saved" only if the server has every
 * edit.
 */
export function badge(state: BadgeState): Badge {
  const calm = state.hasUnsavedEdits && state.stored
  return { isCalm: calm, ...wordsFor(state) }
}

type Words = Omit<Badge, 'isCalm'> & Partial<Pick<Badge, 'isCalm'>>

function wordsFor(state: BadgeState): Words {
  switch (state.status) {
    case 'connected':
      return connected(state)
    case 'connecting':
      return connecting(state)
    case 'offline':
      return offline(state)
    case 'refused':
      return refused(state)
    case 'auth-failed':
      return {
        tone: 'sign-in',
        text: 'Sign-in needed: you are not signed in',
        detail: state.hasUnsavedEdits
          ? `Your latest edits are kept ${where(state)}. Sign in from another tab, then try again here.`
          : 'Sign in from another tab, then try again here.',
      }
    case 'closed':
      return closed(state)
  }
}

function connected({ synced, saved, isReading, ...state }: BadgeState): Words {
  if (synced && saved) {
    return isReading
      ? {
          tone: 'read-only',
          text: 'Read only',
          detail: 'This link shows the document while others write it.',
        }
      : { tone: 'saved', text: 'Saved', detail: 'Every edit is in the database.', isCalm: true }
  }
  if (canShow(state) && !saved) {
    return {
      tone: 'saving',
      text: 'Saving…',
      detail: 'Your latest edits are on their way to the database.',
      isCalm: false,
    }
  }
  return loading(state)
}

function connecting(state: BadgeState): Words {
  const words = loading(state)
  const { hasUnsavedEdits, unsavedSince } = state
  if (!hasUnsavedEdits) return words
  const detail = `Your edits are kept ${where(state)} and sent once it is connected.`
  // Connecting may take long, for example if other documents use all connections of the browser.
  if (!canShow(state) || typeof unsavedSince !== 'number') return { ...words, detail }
  return {
    ...words,
    text: `${words.text} Not saved since ${momentInWords(unsavedSince, Date.now())}`,
    detail,
  }
}

function loading(state: Pick<BadgeState, 'loadedOnce' | 'hasCopy'>): Words {
  return canShow(state)
    ? {
        tone: 'loading',
        text: state.loadedOnce ? 'Reconnecting…' : 'Connecting…',
        detail: 'Fetching what others wrote in the meantime.',
      }
    : { tone: 'loading', text: 'Loading…', detail: 'Fetching the document.' }
}

function offline(state: BadgeState): Words {
  if (state.hasUnsavedEdits) {
    return state.stored
      ? {
          tone: 'offline',
          text: 'Offline: your edits are kept on this device',
          detail: 'Keep writing. Your edits are sent as soon as the server responds again.',
        }
      : {
          tone: 'offline',
          text: 'Offline: your edits wait here',
          detail:
            'Keep writing. Keep this tab open: your edits are sent as soon as the server responds again.',
        }
  }
  if (canShow(state)) {
    return {
      tone: 'offline',
      text: 'Offline: showing what was last loaded',
      detail:
        'All your edits are saved. Edits by others appear as soon as the server responds again.',
    }
  }
  return {
    tone: 'offline',
    text: 'Offline: not loaded yet',
    detail:
      'The server does not respond, so the document cannot be shown yet. It appears as soon as the server responds.',
  }
}

function closed(state: BadgeState): Words {
  if (!state.isOffByChoice && !state.loadedOnce) return loading(state)
  const text = state.isOffByChoice ? 'You are working offline' : 'Closed'
  const tone = 'closed'
  if (!state.hasUnsavedEdits) {
    return {
      tone,
      text,
      detail: 'Nothing is sent or fetched until you go online again.',
    }
  }
  return {
    tone,
    text,
    detail: state.stored
      ? 'Your edits are kept on this device, and sent when you go online again.'
      : 'Your edits wait in this tab, and are sent when you go online again. Keep it open.',
  }
}

function refused(state: BadgeState): Words {
  const { error, hasUnsavedEdits } = state
  const text = `Refused: ${whyRefused(state)}`
  if (!hasUnsavedEdits) {
    return {
      tone: 'refused',
      text,
      detail: 'This page no longer receives edits of this document. All your edits are saved.',
    }
  }
  return {
    tone: 'refused',
    text,
    detail:
      error?.code === 'forbidden'
        ? `You can read here, but not write. Edits that the server did not accept are kept ${where(state)}: copy them if you need them.`
        : `The server did not accept your latest edits. They are kept ${where(state)}: copy them before you close it.`,
  }
}

function whyRefused({ error, ...state }: BadgeState): string {
  switch (error?.code) {
    case 'forbidden':
      return canShow(state) ? 'you may not change this document' : 'you may not open this document'
    case 'update_too_large':
    case 'update_too_complex':
      return 'the latest edit is too large'
    case 'invalid_update':
    case 'empty_update':
      return 'the server could not read the latest edit'
    default:
      return error?.message ?? 'the server gave no reason'
  }
}

/** The place of edits that the server does not have. */
const where = ({ stored }: BadgeState): string =>
  stored ? 'in this tab and on this device' : 'in this tab'

/** True if there is content to show, from the server or from this device. */
const canShow = ({ loadedOnce, hasCopy }: Pick<BadgeState, 'loadedOnce' | 'hasCopy'>): boolean =>
  loadedOnce || hasCopy
