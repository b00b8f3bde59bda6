import { applyRow, foldRows, isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { personIn } from '../people/people.ts'
import type { Person } from '../people/person.ts'
import { ApiError, fetchSnapshots, mayPass, type SnapshotInfo } from './api.ts'
import { type Base, EMPTY_LOG, type Log, type LogEvent, logStep } from './log.ts'
import { feedPresence, type States } from './presence.ts'
import { feedRows } from './rowFeed.ts'

/** Whether what is shown is what is stored now. */
export type Contact = 'opening' | 'live' | 'offline' | 'refused'

/** All that the page shows, as of one moment. */
export interface View {
  readonly contact: Contact
  /** Why nothing comes any more; null unless refused. */
  readonly refusal: ApiError | null
  readonly log: Log
  /** Newest first. */
  readonly snapshots: readonly SnapshotInfo[]
  /** Null until they were read, or when the server does not tell. */
  readonly present: States | null
  readonly presenceRefusal: ApiError | null
  /** Everybody who was here since this page was opened, by Yjs client id. */
  readonly names: ReadonlyMap<number, Person>
  /** What the rows make. Another number of `edition` says that it has changed. */
  readonly doc: Y.Doc
  readonly edition: number
}

/** How long changes are gathered before they are drawn: a burst of rows is drawn a few times. */
const DRAW_MS = 50
/** How long a fold is to be seen, in milliseconds. */
const FOLD_SHOWN_MS = 1_600
/** How often the snapshot rows are looked at while something is waited for, and otherwise. */
const LOOK_MS = { waiting: 1_000, quiet: 5_000 }
/** Between two looks so much time passes only while the device sleeps, in milliseconds. */
const SLEPT_MS = 30_000

/**
 * A document as it is stored, watched through the public routes alone: a reader like any other, that
 * writes nothing and is seen by nobody.
 */
export class Inspection {
  #view: View
  #draft: View
  /** Ends what is followed; null while nothing is, because the server does not answer. */
  #unfollow: (() => void) | null = null
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
      onStates: (present) => this.#set({ present, names: withNames(this.#draft.names, present) }),
      onRefused: (presenceRefusal) => this.#set({ present: null, presenceRefusal }),
    })
    this.#unfollow = () => {
      endRows()
      endPresence()
    }
  }

  /** Streams that broke may be silent for long: what can be asked tells sooner. */
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

  /** Reads the snapshot rows now, as after a version was kept. */
  readonly lookAgain = (): Promise<void> => this.#look()

  #note(event: LogEvent): void {
    const { log } = this.#draft
    const next = logStep(log, event)
    this.#applyContent(event)
    if (next.folding !== log.folding && next.folding.length > 0) {
      clearTimeout(this.#settling)
      this.#settling = setTimeout(() => this.#note({ type: 'settled' }), FOLD_SHOWN_MS)
    }
    this.#set({ log: next })
    if (event.type === 'sealed') void this.#look()
  }

  /** The content is made of the rows, in the order in which they come. */
  #applyContent(event: LogEvent): void {
    const before = this.#draft.doc
    if (event.type === 'row') applyUnlessBad(before, event.data)
    if (event.type !== 'state') return
    const { snapshot, rows } = event.state
    // A new one each time: whatever was shown before, it is what these rows make.
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
      const snapshots = await fetchSnapshots(this.docId, signal)
      if (signal.aborted || this.#draft.contact === 'refused') return
      this.#noteAnswer(true)
      this.#set({ snapshots })
      const base = newestBase(snapshots)
      if (base !== null) this.#note({ type: 'folded', base, at: Date.now() })
    } catch (error) {
      if (signal.aborted || this.#draft.contact === 'refused') return
      // A refusal is told by the rows too, and there it counts.
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

/** The newest snapshot row that is part of the state; versions that were kept by name are not. */
function newestBase(snapshots: readonly SnapshotInfo[]): Base | null {
  for (const { seq, throughSegment, bytes } of snapshots) {
    if (throughSegment !== null) return { seq, throughSegment, bytes }
  }
  return null
}

/** A row that cannot be read takes nothing away from the others (READ-1); the list names it. */
function applyUnlessBad(doc: Y.Doc, data: Uint8Array): void {
  if (!isSoundRow(data)) return
  try {
    applyRow(doc, data)
  } catch {
    // Yjs throws at it with the rows before it: `verify` names it.
  }
}

function withNames(known: ReadonlyMap<number, Person>, present: States) {
  const added = [...present].filter(([client, state]) => {
    const person = personIn(state, client)
    const before = known.get(client)
    return before?.name !== person.name || before.color !== person.color
  })
  if (added.length === 0) return known
  return new Map([
    ...known,
    ...added.map(([client, state]) => [client, personIn(state, client)] as const),
  ])
}
