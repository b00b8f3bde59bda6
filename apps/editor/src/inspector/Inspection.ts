import type { SnapshotInfo } from '@y-electric/server'
import { applyRow, foldRows, isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { knownWriters } from '../history/writers.ts'
import { ApiError, fetchSnapshots, fetchWriters, mayPass } from './api.ts'
import type { Names } from './clients.ts'
import { type Base, EMPTY_LOG, type Log, type LogEvent, logStep } from './log.ts'
import { feedPresence, type States } from './presence.ts'
import { feedRows } from './rowFeed.ts'
import { readTimes } from './rowTimes.ts'
import type { Asking } from './timing.ts'
import { WriterNames } from './WriterNames.ts'

/** Whether the page shows what is stored now. */
export type Contact = 'opening' | 'live' | 'offline' | 'refused'

/** Everything that the page shows at one moment. */
export interface View {
  readonly contact: Contact
  /** The reason why no further updates come; null unless refused. */
  readonly refusal: ApiError | null
  readonly log: Log
  /** Newest first. */
  readonly snapshots: readonly SnapshotInfo[]
  /** Null until the rows were read, or if the server refuses to show them. */
  readonly present: States | null
  readonly presenceRefusal: ApiError | null
  /** The writers, and everyone who was present since this page was opened, by Yjs client id. */
  readonly names: Names
  /** The document that the rows produce. A new number of `edition` means that it has changed. */
  readonly doc: Y.Doc
  readonly edition: number
}

/**
 * How long changes are collected before the page is drawn, so that a burst of rows is drawn a few
 * times.
 */
const DRAW_MS = 50
/** How long a fold stays visible, in milliseconds. */
const FOLD_SHOWN_MS = 1_600
/** How often the snapshot rows are read while a change is expected, and otherwise. */
const LOOK_MS = { waiting: 1_000, quiet: 5_000 }
/** A longer time between two reads means that the device was asleep, in milliseconds. */
const SLEPT_MS = 30_000

/**
 * Watches how a document is stored, through the public routes alone. It is a reader that writes
 * nothing and has no presence.
 */
export class Inspection {
  #view: View
  #draft: View
  /** Stops the feeds; null while they are stopped because the server does not respond. */
  #unfollow: (() => void) | null = null
  readonly #writers: WriterNames
  readonly #times: Asking
  #lookedAt = 0
  #drawing: ReturnType<typeof setTimeout> | undefined
  #looking: ReturnType<typeof setTimeout> | undefined
  #settling: ReturnType<typeof setTimeout> | undefined
  #aborter = new AbortController()
  readonly #listeners = new Set<() => void>()

  constructor(readonly docId: string) {
    this.#view = {
      contact: 'opening',
      refusal: null,
      log: EMPTY_LOG,
      snapshots: [],
      present: null,
      presenceRefusal: null,
      names: new Map(),
      doc: new Y.Doc(),
      edition: 0,
    }
    this.#draft = this.#view
    this.#writers = new WriterNames(knownWriters(docId))
    this.#times = readTimes({
      docId,
      firstUnknown: () => firstWithoutTime(this.#draft.log),
      onTimes: (times) => this.#note({ type: 'times', times }),
    })
  }

  readonly getView = (): View => this.#view

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  open(): void {
    this.#follow()
    void this.#look()
    window.addEventListener('online', this.lookAgain)
    window.addEventListener('offline', this.lookAgain)
  }

  close(): void {
    window.removeEventListener('online', this.lookAgain)
    window.removeEventListener('offline', this.lookAgain)
    this.#unfollow?.()
    this.#aborter.abort()
    this.#times.end()
    clearTimeout(this.#drawing)
    clearTimeout(this.#looking)
    clearTimeout(this.#settling)
    this.#draft.doc.destroy()
  }

  #follow(): void {
    const { docId } = this
    const endRows = feedRows({
      docId,
      now: Date.now,
      onEvent: (event) => this.#note(event),
      onContact: (isReached) => this.#set({ contact: isReached ? 'live' : 'offline' }),
      onRefused: (refusal) => this.#refused(refusal),
    })
    const endPresence = feedPresence({
      docId,
      onStates: (present) => {
        this.#writers.see(present)
        this.#set({ present, names: this.#writers.names })
      },
      onRefused: (presenceRefusal) => this.#set({ present: null, presenceRefusal }),
    })
    this.#unfollow = () => {
      endRows()
      endPresence()
    }
  }

  /**
   * A broken stream may stay silent for long, while requests show sooner whether the server
   * responds.
   */
  #noteAnswer(isAnswered: boolean): void {
    const now = Date.now()
    const hasSlept = this.#lookedAt > 0 && now - this.#lookedAt > SLEPT_MS
    this.#lookedAt = now
    if (!isAnswered || hasSlept) {
      this.#unfollow?.()
      this.#unfollow = null
    }
    if (!isAnswered) this.#set({ contact: 'offline' })
    else if (this.#unfollow === null) this.#follow()
  }

  /** Reads the snapshot rows now, for example after a version was kept. */
  readonly lookAgain = (): Promise<void> => this.#look()

  #note(event: LogEvent): void {
    const { log } = this.#draft
    const next = logStep(log, event)
    this.#applyContent(event)
    if (next.folding !== log.folding && next.folding.length > 0) {
      clearTimeout(this.#settling)
      this.#settling = setTimeout(() => this.#note({ type: 'settled' }), FOLD_SHOWN_MS)
    }
    if (event.type === 'row' || event.type === 'state') {
      this.#writers.meet(this.#draft.doc.store.clients.keys())
      this.#times.ask()
    }
    this.#set({ log: next, names: this.#writers.names })
    if (event.type === 'sealed') void this.#look()
  }

  /** Applies the rows to the document in the order in which they arrive. */
  #applyContent(event: LogEvent): void {
    const before = this.#draft.doc
    if (event.type === 'row') applyUnlessBad(before, event.data)
    if (event.type !== 'state') return
    const { snapshot, rows } = event.state
    // Always a new document, built from exactly these rows.
    const { doc, carried } = foldRows({ previous: snapshot?.data ?? null, rows }, true)
    for (const { data } of carried) applyUnlessBad(doc, data)
    doc.on('update', () => this.#set({ edition: this.#draft.edition + 1 }))
    before.destroy()
    this.#set({ doc, edition: this.#draft.edition + 1 })
  }

  async #look(): Promise<void> {
    clearTimeout(this.#looking)
    const { signal } = this.#aborter
    try {
      const [snapshots, writers] = await Promise.all([
        fetchSnapshots(this.docId, signal),
        // Names are no condition for showing the rest.
        fetchWriters(this.docId, signal).catch(() => this.#writers.kept),
      ])
      if (signal.aborted || this.#draft.contact === 'refused') return
      this.#noteAnswer(true)
      this.#writers.keep(writers)
      this.#set({ snapshots, names: this.#writers.names })
      const base = newestBase(snapshots)
      if (base !== null) this.#note({ type: 'folded', base, at: Date.now() })
    } catch (error) {
      if (signal.aborted || this.#draft.contact === 'refused') return
      // The row feed reports a refusal too, and handles it.
      if (error instanceof ApiError && mayPass(error)) this.#noteAnswer(false)
    }
    clearTimeout(this.#looking)
    const { contact, log } = this.#draft
    const isWaiting = contact === 'offline' || log.segments.some(({ isSealed }) => isSealed)
    this.#looking = setTimeout(this.lookAgain, isWaiting ? LOOK_MS.waiting : LOOK_MS.quiet)
  }

  #refused(refusal: ApiError): void {
    this.#unfollow?.()
    clearTimeout(this.#looking)
    this.#set({ contact: 'refused', refusal })
  }

  #set(change: Partial<View>): void {
    if (this.#aborter.signal.aborted) return
    const names = Object.keys(change) as (keyof View)[]
    if (names.every((name) => this.#draft[name] === change[name])) return
    this.#draft = { ...this.#draft, ...change }
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined
      this.#view = this.#draft
      for (const listener of [...this.#listeners]) listener()
    }, DRAW_MS)
  }
}

/** The smallest seq of a row whose time is not known; null if all are. */
function firstWithoutTime({ segments }: Log): number | null {
  for (const { rows } of segments) {
    const row = rows.find(({ storedAt }) => storedAt === null)
    if (row !== undefined) return row.seq
  }
  return null
}

/** The newest snapshot row that is part of the state; versions kept by name are not. */
function newestBase(snapshots: readonly SnapshotInfo[]): Base | null {
  for (const { seq, throughSegment, bytes } of snapshots) {
    if (throughSegment !== null) return { seq, throughSegment, bytes }
  }
  return null
}

/**
 * Applies a row unless it is bad, so that a bad row does not affect the others (READ-1); the list
 * of rows shows it.
 */
function applyUnlessBad(doc: Y.Doc, data: Uint8Array): void {
  if (!isSoundRow(data)) return
  try {
    applyRow(doc, data)
  } catch {
    // Yjs cannot apply the row after the rows before it; `verify` reports it.
  }
}
