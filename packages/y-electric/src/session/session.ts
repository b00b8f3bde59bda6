import { type FollowPoint, willJoin } from '../core/connection.ts'
import { earliest, isAtRisk } from '../core/status.ts'
import type { Compactor } from '../io/compactor.ts'
import { CloseWarning, watchPage } from '../io/page.ts'
import type { Tabs } from '../tabs/tabs.ts'
import { awaitedSince, factsOf } from './facts.ts'
import { Heir, unsentOf } from './heir.ts'
import { Intake } from './intake.ts'
import { Journal } from './journal.ts'
import { loadKept } from './loading.ts'
import type { Local } from './local.ts'
import type { SessionFacts, SessionOptions } from './options.ts'
import {
  createCompactor,
  createLocal,
  createPresence,
  createReader,
  createTabs,
  createWriter,
  followThrough,
} from './parts.ts'
import { Patience } from './patience.ts'
import { Place } from './place.ts'
import type { Presence } from './presence.ts'
import type { Reader } from './reader.ts'
import { Reconciler } from './reconciler.ts'
import { Replica, type UpdateListener } from './replica.ts'
import type { Writer } from './writer.ts'

/** Keeps a document in step: between the Y.Doc, a reader, a writer and a compactor. */
export class Session {
  readonly #options: SessionOptions
  readonly #replica: Replica
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #compactor: Compactor | null
  readonly #local: Local | null
  readonly #tabs: Tabs | null
  /** What this device kept is being read; nothing is sent or read before. */
  #isLoading = false
  #isWanted = false
  #resume: FollowPoint | null = null
  readonly #presence: Presence | null
  readonly #reconciler: Reconciler
  readonly #journal: Journal
  readonly #heir: Heir
  readonly #place: Place
  readonly #intake: Intake
  readonly #patience: Patience
  readonly #closeWarning: CloseWarning
  readonly #forgetPage: () => void

  constructor(options: SessionOptions) {
    this.#options = options
    this.#closeWarning = new CloseWarning(options.platform.page)
    this.#patience = new Patience(options.clock, () => this.#tell())
    this.#replica = new Replica(options)
    this.#tabs = createTabs(options, {
      onEdit: this.#onForeignEdit,
      onSettled: (updates) => this.#reconciler.acked(updates),
      unsent: () => unsentOf(this.#writer.outbox),
      onOrphans: async (orphans) => {
        await this.#heir.inherit(orphans)
        this.#onTabsChanged()
      },
      onChange: () => this.#onTabsChanged(),
      onAwareness: (clientId, update) => this.#presence?.hear(clientId, update),
      onLeft: (clientId) => this.#presence?.forget(clientId),
    })
    this.#journal = new Journal(() => this.#local, this.#tabs)
    const unsentByTabs = () => this.#tabs?.unsent() ?? []
    this.#reconciler = new Reconciler({
      ...options,
      isBlank: this.#replica.isBlank,
      isJoining: () => this.#reader.connection.phase === 'joining',
      unacked: () => this.#writer.unacked(),
      unsentByTabs,
    })
    this.#place = new Place(
      () => this.#local,
      () => unsentByTabs().length > 0,
    )
    this.#intake = new Intake({
      ...options,
      replica: this.#replica,
      reconciler: this.#reconciler,
      place: this.#place,
      reader: () => this.#reader,
      writer: () => this.#writer,
      local: () => this.#local,
    })
    this.#writer = createWriter(options, {
      onEdit: this.#journal.edited,
      onSplit: this.#journal.split,
      onReplaced: this.#journal.settled,
      onSending: (batch) => {
        this.#journal.sending(batch)
        this.#tell()
      },
      onAcked: ({ batchId, update }, { seq, isRepeat, isUnexpected }) => {
        if (!isRepeat) this.#reader.expect(seq)
        this.#journal.settled([batchId])
        if (isUnexpected) {
          this.#intake.twins.sentBefore(seq, update)
          this.#intake.verify()
        } else {
          this.#intake.twins.sent(seq, update)
          this.#reconciler.acked([update])
        }
        // The server may be back for reading too.
        this.#reader.hasten()
      },
      onChange: () => this.#tell(),
    })
    this.#reader = createReader(options, {
      follow: followThrough(this.#tabs, options.platform),
      onJoining: () => {
        this.#reconciler.joining()
        this.#intake.twins.joining()
        this.#place.forget()
      },
      onState: (state) => this.#intake.state(state),
      onRow: (seq, update) => this.#intake.update(`row ${seq}`, update, seq),
      onPlace: (place) => this.#place.reached(place),
      onCaughtUp: () => this.#writer.hasten(),
      onChange: () => this.#tell(),
    })
    this.#compactor = createCompactor(options, {
      tally: () => this.#reader.tally,
      onFolded: (snapshotBytes) => this.#reader.noteFolded(snapshotBytes),
      mayWrite: () => !this.#writer.isReadOnly,
    })
    this.#presence = createPresence(options, {
      follow: followThrough(this.#tabs, options.platform),
      onChanged: (user) => this.#tabs?.moved(user),
    })
    this.#local = createLocal(options, {
      encodeDoc: () => this.#intake.encodeDoc(),
      onChange: () => this.#tell(),
    })
    this.#heir = new Heir({
      clock: options.clock,
      local: this.#local,
      tabs: this.#tabs,
      writer: this.#writer,
      onContent: this.#onForeignEdit,
    })
    if (this.#local !== null) void this.#load(this.#local)
    options.doc.on('update', this.#onUpdate)
    this.#forgetPage = watchPage(options.platform.page, {
      onOnline: () => {
        this.#reader.hasten()
        this.#writer.hasten()
      },
      onHide: () => this.#presence?.leave(),
      onShowAgain: () => {
        if (this.#reader.connection.phase !== 'closed') this.#presence?.comeBack()
      },
    })
    this.#warn()
  }

  facts(): SessionFacts {
    return factsOf({
      clock: this.#options.clock,
      reader: this.#reader,
      writer: this.#writer,
      reconciler: this.#reconciler,
      local: this.#local,
      isLoading: this.#isLoading,
    })
  }

  /** Everything without an ack, oldest first. */
  unacked(): Uint8Array[] {
    return this.#writer.unacked()
  }

  open(): void {
    this.#isWanted = true
    if (this.#isLoading) return
    if (this.#reader.connection.phase === 'closed') {
      this.#tabs?.open()
      this.#compactor?.start()
      this.#heir.start()
    }
    this.#presence?.open()
    this.#reader.open(this.#resume)
    this.#resume = null
    this.#reader.hasten()
    if (this.#intake.parted !== null) this.#reader.refuse(this.#intake.parted.error)
    this.#writer.open()
    this.#writer.hasten()
    this.#tell()
  }

  close(): void {
    this.#isWanted = false
    this.#heir.stop()
    this.#compactor?.stop()
    this.#presence?.close()
    this.#writer.close()
    this.#reader.close()
    // What becomes of what other tabs have without an ack is not heard any more.
    if (this.#tabs?.unsent().length) this.#reconciler.doubt()
    this.#tabs?.close()
    this.#place.forget()
    this.#tell()
  }

  /** Begins anew, as somebody else perhaps: what was refused is tried again, and edits are kept. */
  reconnect(): void {
    this.#writer.close()
    this.#writer.forgetReadOnly()
    this.#compactor?.forgetRefusal()
    this.#reader.close()
    this.open()
  }

  /** What was refused, and what waits behind it, is made anew from the document as it is now. */
  resend(): void {
    if (this.#writer.refused === null) return
    this.#reconciler.remake()
    this.#reader.close()
    this.#reader.open(null)
    this.#tell()
  }

  /** Resolves when what is kept on this device is kept. */
  async destroy(): Promise<void> {
    this.#options.doc.off('update', this.#onUpdate)
    this.#presence?.destroy()
    this.#replica.destroy()
    this.#forgetPage()
    this.close()
    this.#closeWarning.end()
    await this.#local?.close()
  }

  #tell(): void {
    this.#warn()
    this.#patience.note(awaitedSince({ reader: this.#reader, writer: this.#writer }))
    this.#options.onFacts(this.facts())
  }

  /** Edits owned by another tab are that tab's to warn about. */
  #warn(): void {
    const ownSince = earliest([this.#writer.unackedSince, this.#reconciler.inDoubtSince])
    const areStored = this.#local?.areEditsStored ?? false
    this.#closeWarning.set(this.#options.warnOnClose && isAtRisk(ownSince, areStored))
  }

  readonly #onUpdate: UpdateListener = (update, origin, _doc, transaction) => {
    const { local } = transaction
    const { parted, twins } = this.#intake
    if (origin === this.#options.origin) {
      // An earlier page may have made the edits that this device kept.
      if (this.#isLoading) twins.loaded(transaction)
      return
    }
    if (local) twins.edited(transaction)
    else twins.loaded(transaction)
    if (parted !== null) this.#writer.edit(parted.edit(update))
    else if (local || !willJoin(this.#reader.connection)) this.#writer.edit(update)
    else {
      // Another keeper of the document (y-indexeddb, say) loads it: most of it the server has, and
      // joining tells what it lacks.
      this.#reconciler.doubt()
      this.#resume = null
      this.#local?.row(update)
      this.#place.forget()
      this.#place.doubt()
    }
    this.#tell()
  }

  readonly #onForeignEdit = (update: Uint8Array): void => {
    // Who may not read any more is not shown what other tabs still may.
    if (this.#reader.connection.phase === 'stopped') return
    this.#reconciler.heard(update)
    if (this.#intake.update('an edit of another tab', update)) this.#place.doubt()
  }

  #onTabsChanged(): void {
    this.#place.check()
    this.#tell()
  }

  /** Before the network is asked. */
  async #load(local: Local): Promise<void> {
    this.#isLoading = true
    const [replica, writer, reconciler] = [this.#replica, this.#writer, this.#reconciler]
    const resume = await loadKept({ local, replica, writer, reconciler })
    // Another keeper of the document may have brought content along meanwhile.
    this.#resume = reconciler.isReconciled ? resume : null
    this.#isLoading = false
    if (this.#isWanted) this.open()
    else this.#tell()
  }
}
