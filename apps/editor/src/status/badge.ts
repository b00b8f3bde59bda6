import type { ProviderStatus } from 'y-electric'

/** What is true of a document, as far as words about it need to know. */
export interface BadgeState {
  status: ProviderStatus
  synced: boolean
  saved: boolean
  hasUnsavedEdits: boolean
  loadedOnce: boolean
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

export interface Badge {
  tone: BadgeTone
  /** What the badge says. */
  text: string
  /** What that means for the person, in a sentence or two. */
  detail: string
}

/** Says in words what is true, and never more: "Saved" only when the server has every edit. */
export function badge(state: BadgeState): Badge {
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
        text: 'Sign-in needed: the server does not know you',
        detail: state.hasUnsavedEdits
          ? 'Your latest edits are kept in this tab. Sign in from another tab, then try again here.'
          : 'Sign in from another tab, then try again here.',
      }
    case 'closed':
      return {
        tone: 'closed',
        text: 'Closed',
        detail: state.hasUnsavedEdits
          ? 'This tab is disconnected, and some of your edits are in it and nowhere else.'
          : 'This tab is disconnected. What you write from here on is not saved until you connect again.',
      }
  }
}

function connected({ synced, saved, loadedOnce }: BadgeState): Badge {
  if (synced && saved) {
    return { tone: 'saved', text: 'Saved', detail: 'Every edit is in the database.' }
  }
  if (loadedOnce && !saved) {
    return {
      tone: 'saving',
      text: 'Saving…',
      detail: 'Your latest edits are on their way to the database.',
    }
  }
  return loading(loadedOnce)
}

function connecting({ hasUnsavedEdits, loadedOnce }: BadgeState): Badge {
  if (!hasUnsavedEdits) return loading(loadedOnce)
  return {
    ...loading(loadedOnce),
    detail: 'Your edits wait in this tab and are sent once it is connected.',
  }
}

function loading(loadedOnce: boolean): Badge {
  return loadedOnce
    ? {
        tone: 'loading',
        text: 'Reconnecting…',
        detail: 'Fetching what others wrote in the meantime.',
      }
    : { tone: 'loading', text: 'Loading…', detail: 'Fetching the document.' }
}

function offline({ hasUnsavedEdits, loadedOnce }: BadgeState): Badge {
  if (hasUnsavedEdits) {
    return {
      tone: 'offline',
      text: 'Offline: your edits wait here',
      detail:
        'Go on writing. Keep this tab open: your edits are sent as soon as the server answers again.',
    }
  }
  if (loadedOnce) {
    return {
      tone: 'offline',
      text: 'Offline: showing what was last loaded',
      detail: 'All your edits are saved. What others write appears once the server answers again.',
    }
  }
  return {
    tone: 'offline',
    text: 'Offline: not loaded yet',
    detail:
      'The server does not answer, so what this document holds cannot be shown yet. It appears by itself.',
  }
}

function refused(state: BadgeState): Badge {
  return {
    tone: 'refused',
    text: `Refused: ${whyRefused(state)}`,
    detail: state.hasUnsavedEdits
      ? 'The server did not take your latest edits. They are kept in this tab: copy them before you close it.'
      : 'This document is no longer kept up to date here. None of your edits are missing.',
  }
}

function whyRefused({ error, loadedOnce }: BadgeState): string {
  switch (error?.code) {
    case 'forbidden':
      return loadedOnce ? 'you may not change this document' : 'you may not open this document'
    case 'update_too_large':
      return 'the latest edit is too large'
    case 'invalid_update':
    case 'empty_update':
      return 'the server could not read the latest edit'
    default:
      return error?.message ?? 'the server gave no reason'
  }
}
