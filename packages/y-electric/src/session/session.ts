import type {
  AppEffect,
  CompactorEffect,
  LedgerEffect,
  PresenceEffect,
  TabsEffect,
} from '../core/ledger/effects.ts'
import type { ProviderFacts } from '../core/ledger/facts.ts'
import { beginLedger, type LedgerState } from '../core/ledger/state.ts'
import { unackedUpdates } from '../core/outbox.ts'
import { unsentOf } from '../core/unsent-of-others.ts'
import type { ElectricProviderError } from '../errors.ts'
import { watchPage } from '../io/page.ts'
import type { State } from '../protocol/state-frames.ts'
import type { Tabs } from '../tabs/tabs.ts'
import type { CompactionWatch } from './compaction-watch.ts'
import { DocumentPart } from './document/document.ts'
import { followThrough } from './follow-through.ts'
import type { Device } from './late-device.ts'
import { twinsModule } from './lazy-modules.ts'
import type { LazyPart } from './lazy-part.ts'
import { LedgerLoop } from './ledger-loop.ts'
import { Notices } from './notices.ts'
import type { SessionOptions } from './options.ts'
import {
  createCompaction,
  createDevice,
  createPresence,
  createReader,
  createTabs,
  createWriter,
} from './parts.ts'
import type { Presence } from './presence/presence.ts'
import type { Reader } from './reader/reader.ts'
import type { Writer } from './writer/writer.ts'

/** How often a page looks in the device store for edits of pages that are gone, in milliseconds. */
const LOOK_EVERY_MS = 30_000

/**
 * One document: dispatches every event to the ledger, and passes each effect to the part that runs
 * it. Parts do not know each other.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #loop: LedgerLoop
  readonly #notices: Notices
  readonly #document: DocumentPart
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #tabs: LazyPart<Tabs> | null
  readonly #device: Device | null
  readonly #presence: LazyPart<Presence> | null
  readonly #compaction: CompactionWatch | null
  readonly #forgetPage: () => void
  #cancelLook: () => void = () => {}

  constructor(options: SessionOptions) {
    this.#options = options
    const { clock, maxUpdateBytes } = options
    const dispatch = (event: Parameters<LedgerLoop['dispatch']>[0]) => this.#loop.dispatch(event)
    const onError = (error: ElectricProviderError) => this.#notices.report(error)
    this.#document = new DocumentPart({
      ...options,
      onError,
      judge: () => twinsModule.loaded,
      loadJudge: (use) => options.modules.whenLoaded(twinsModule, use),
      dispatch,
    })
    this.#tabs = createTabs(options, dispatch)
    this.#device = createDevice(options, () => this.#document.encode(), dispatch)
    this.#loop = new LedgerLoop({
      state: beginLedger({
        now: clock.now(),
        isBlank: this.#document.isBlank,
        hasDevice: this.#device !== null,
        hasTabs: this.#tabs !== null,
      }),
      context: () => ({ now: clock.now(), freshId: clock.uuid, maxUpdateBytes }),
      run: (effect) => this.#run(effect),
      onSettled: () => this.#notices.tell(this.#state),
    })
    this.#notices = new Notices(options, () => this.#state)
    this.#writer = createWriter(options, dispatch)
    const follow = followThrough(this.#tabs, options.platform)
    const canCompare = (state: State) => this.#document.canCompare(state, this.unacked())
    const isBlank = () => this.#document.isBlank
    this.#reader = createReader(options, follow, canCompare, isBlank, dispatch)
    this.#presence = createPresence(options, follow, dispatch)
    this.#compaction = createCompaction(options, {
      tally: () => this.#state.reading.tally,
      onFolded: (snapshotBytes) => dispatch({ type: 'folded', snapshotBytes }),
      mayWrite: () => !this.#state.writing.isReadOnly,
    })
    void this.#device?.load()
    this.#forgetPage = watchPage(options.platform.page, {
      onOnline: () => {
        options.modules.hasten()
        dispatch({ type: 'online' })
      },
      onHide: () => this.#presence?.part?.leave(),
      onShowAgain: () => {
        if (this.#state.reading.connection.phase !== 'closed') this.#presence?.part?.comeBack()
      },
    })
  }

  /** The facts, as one frozen object that changes only when a fact does. */
  facts(): ProviderFacts {
    return this.#notices.facts
  }

  /** Everything without an ack, oldest first. */
  unacked(): Uint8Array[] {
    return unackedUpdates(this.#state.writing.outbox)
  }

  open(): void {
    this.#loop.dispatch({ type: 'open' })
  }

  close(): void {
    this.#loop.dispatch({ type: 'close' })
  }

  /** Starts again, perhaps as another user: what was refused is tried again, and edits are kept. */
  reconnect(): void {
    this.#loop.dispatch({ type: 'reconnect' })
  }

  /**
   * Replaces the refused batch, and what waits behind it, by edits made from the current document.
   */
  resend(): void {
    this.#loop.dispatch({ type: 'resend' })
  }

  /** Resolves when everything recorded is stored on this device. */
  async destroy(): Promise<void> {
    this.#document.ignoreEdits()
    this.#presence?.cancel()
    this.#presence?.part?.destroy()
    this.#document.destroy()
    this.#forgetPage()
    this.close()
    this.#tabs?.cancel()
    this.#notices.end()
    await this.#device?.close()
  }

  get #state(): LedgerState {
    return this.#loop.state
  }

  #run(effect: LedgerEffect): void {
    switch (effect.to) {
      case 'writer':
        this.#writer.run(effect)
        return
      case 'reader':
        this.#reader.run(effect)
        return
      case 'document':
        this.#document.run(effect)
        return
      case 'device':
        this.#device?.run(effect)
        return
      case 'tabs':
        this.#runTabs(effect)
        return
      case 'presence':
        this.#runPresence(effect)
        return
      case 'compactor':
        this.#runCompaction(effect)
        return
      case 'app':
        this.#runApp(effect)
    }
  }

  /**
   * While the code for tabs is loading, no messages are sent: the other tabs learn everything when it
   * opens.
   */
  #runTabs(effect: TabsEffect): void {
    const part = this.#tabs?.part
    if (part) part.run(effect)
    else if (effect.type === 'close') this.#tabs?.forget('open')
    else if (effect.type === 'open') {
      const open = (tabs: Tabs) =>
        tabs.run({ ...effect, unsent: unsentOf(this.#state.writing.outbox) })
      this.#tabs?.do(open, 'open')
    }
  }

  /**
   * Until somebody uses presence and its code is there, the last effect on each client counts, and nothing is
   * kept about clients that have left.
   */
  #runPresence(effect: PresenceEffect): void {
    const presence = this.#presence
    const subject = subjectOf(effect)
    if (presence?.part === null && effect.type === 'forget') presence.forget(subject)
    else if (presence?.part === null && effect.type === 'close') presence.forgetAll()
    else presence?.do((part) => part.run(effect), subject)
  }

  #runCompaction({ type }: CompactorEffect): void {
    switch (type) {
      case 'start':
        this.#compaction?.start()
        return
      case 'stop':
        this.#compaction?.stop()
        return
      case 'forget-refusal':
        this.#compaction?.forgetRefusal()
    }
  }

  #runApp(effect: AppEffect): void {
    const { clock, urlWarnings } = this.#options
    switch (effect.type) {
      case 'report':
        if (effect.side !== null) urlWarnings.failed(effect.side, effect.error)
        this.#notices.report(effect.error)
        return
      case 'report-bad-row':
        this.#notices.reportBadRow(effect.message, effect.data)
        return
      case 'worked':
        urlWarnings.worked(effect.side)
        return
      case 'stop-looking':
        this.#cancelLook()
        return
      case 'look-later':
        this.#cancelLook()
        this.#cancelLook = clock.after(LOOK_EVERY_MS, () => this.#loop.dispatch({ type: 'look' }))
    }
  }
}

/** A client, or the connection as a whole. */
function subjectOf(effect: PresenceEffect): number | 'connection' {
  if (effect.type === 'hear') return effect.user.clientId
  return effect.type === 'forget' ? effect.clientId : 'connection'
}
