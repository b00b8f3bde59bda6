import {
  type CompactionPolicy,
  compactionDue,
  intervalsToSkip,
  type Tally,
} from '../core/compaction.ts'
import { electionSlot, randomSlot } from '../core/election.ts'
import { isFinal } from '../core/refusals.ts'
import { ElectricProviderError } from '../errors.ts'
import { encodeFoldProposal } from '../protocol/fold-frames.ts'
import { FOLD_MEDIA_TYPE } from '../protocol/headers.ts'
import { foldsPath, segmentsPath, snapshotsPath, statePath } from '../protocol/paths.ts'
import { withSignal } from './abort.ts'
import { drain, errorOfResponse } from './answers.ts'
import type { Clock } from './clock.ts'
import { runFold } from './fold-runner.ts'
import type { Http } from './http.ts'
import type { Platform } from './platform.ts'
import { readState } from './state-reader.ts'
import type { ApiUrl } from './url.ts'

/** The result of a fold by this client. */
export interface CompactionReport {
  /** Update rows that the snapshot row replaced. */
  readonly rows: number
  /** Stored bytes before the fold: the previous snapshot row and those rows. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Time from reading state to the server's answer, in milliseconds. */
  readonly ms: number
  readonly throughSegment: number
}

export interface CompactorOptions {
  readonly http: Http
  readonly clock: Clock
  readonly platform: Pick<Platform, 'hasWorkers' | 'startWorker'>
  readonly api: ApiUrl
  readonly docId: string
  readonly clientId: number
  readonly policy: CompactionPolicy
  /**
   * Whether this client collects garbage. A document that keeps its history is also folded without
   * garbage collection.
   */
  readonly gc: () => boolean
  /** Client ids of everybody present; null if unknown. */
  readonly peers: () => readonly number[] | null
  readonly tally: () => Tally
  /** False for a read-only client, which never runs for election. */
  readonly mayWrite: () => boolean
  /** Called when the sealed segments turned out to be folded, by this client or another one. */
  readonly onFolded: (snapshotBytes: number) => void
  readonly onReport: (report: CompactionReport) => void
}

/** The number of slots from which a client that knows no peers draws. */
const UNKNOWN_SLOTS = 16
/** How long the server may take to check a fold, in milliseconds. */
const FOLD_DEADLINE_MS = 120_000
/**
 * Runs for election in each interval. When its slot comes and work is still due, it rolls and
 * folds. It builds the proposal from stored rows alone. It works in the background: on any failure
 * it gives up without an error and skips some intervals.
 */
export class Compactor {
  readonly #options: CompactorOptions
  #cancelTimer: () => void = () => {}
  #aborter = new AbortController()
  #failures = 0
  #sitOut = 0
  #isBarred = false

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    if (this.#isBarred) return
    this.#aborter = new AbortController()
    this.#awaitInterval()
  }

  /** Starts in an interval that has begun. */
  stand(): void {
    this.start()
    this.#cancelTimer()
    this.#stand()
  }

  /**
   * Clears a refusal, because the client may be allowed to compact by now. Takes effect at the next
   * start.
   */
  forgetRefusal(): void {
    this.#isBarred = false
  }

  stop(): void {
    this.#cancelTimer()
    this.#aborter.abort()
  }

  #awaitInterval(): void {
    const { clock, policy } = this.#options
    const untilNext = policy.everyMs - (clock.now() % policy.everyMs)
    this.#cancelTimer = clock.after(untilNext, () => this.#stand())
  }

  /** An interval begins: waits for this client's slot, unless it comes after the interval ends. */
  #stand(): void {
    const { clock, policy, tally, mayWrite } = this.#options
    const { slot, isFirst } = this.#rank()
    const wait = slot * policy.slotMs
    const isOut = this.#sitOut > 0 || !mayWrite()
    if (this.#sitOut > 0) this.#sitOut--
    if (isOut || wait >= policy.everyMs || compactionDue(tally(), policy) === null) {
      this.#awaitInterval()
      return
    }
    const { signal } = this.#aborter
    this.#cancelTimer = clock.after(wait, () => {
      void this.#act(isFirst, signal).finally(() => {
        // Uses its own signal: after a stop and a start, another wait for an interval is already
        // in progress.
        if (!signal.aborted && !this.#isBarred) this.#awaitInterval()
      })
    })
  }

  /** A client that knows no peers may be the only one, so it counts as the first. */
  #rank(): { slot: number; isFirst: boolean } {
    const { clock, policy, docId, clientId, peers } = this.#options
    const known = peers()
    if (known === null) {
      return { slot: randomSlot(clock.random(), UNKNOWN_SLOTS), isFirst: true }
    }
    const interval = Math.floor(clock.now() / policy.everyMs)
    const slot = electionSlot({ docId, interval, self: clientId, peers: known })
    return { slot, isFirst: slot === 0 }
  }

  async #act(isFirst: boolean, signal: AbortSignal): Promise<void> {
    const { policy, tally, mayWrite } = this.#options
    if (!mayWrite()) return
    // A client before this one may have rolled: the tally includes the seal by now.
    const due = compactionDue(tally(), policy)
    // The client that rolls also folds. If it is gone, the first client of a later interval
    // folds: a follower does not see folds, and not every client should ask.
    if (due === null || (due === 'fold' && !isFirst)) return
    try {
      if (due === 'roll') await this.#roll(signal)
      await this.#pause(policy.graceMs, signal)
      if (due === 'roll' || !(await this.#isFolded(signal))) await this.#fold(signal)
      this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ElectricProviderError) {
        if (isFinal('fold', error)) this.#isBarred = true
        // Another client folds at the same time, which is not a failure.
        if (error.status === 409) return
      }
      this.#failures++
      this.#sitOut = intervalsToSkip(this.#failures)
    }
  }

  async #roll(signal: AbortSignal): Promise<void> {
    const { api, docId, tally } = this.#options
    const body = JSON.stringify({ active: tally().activeSegment })
    await this.#post(api.at(segmentsPath(docId)), 'application/json', body, signal)
  }

  /**
   * True if another client folded all sealed segments. This reads a few bytes, while state would
   * cost the whole document.
   */
  async #isFolded(signal: AbortSignal): Promise<boolean> {
    const { http, api, docId, tally, onFolded } = this.#options
    const response = await withSignal(signal, (own) =>
      http.send(api.at(snapshotsPath(docId)), { signal: own, deadlineMs: FOLD_DEADLINE_MS }),
    )
    if (!response.ok) throw await errorOfResponse(response)
    const newest = newestOf(await response.json().catch(() => null))
    if (newest === null || newest.throughSegment < tally().activeSegment - 1) return false
    onFolded(newest.bytes)
    return true
  }

  async #fold(signal: AbortSignal): Promise<void> {
    const { http, api, docId, gc, clock, platform, onFolded, onReport } = this.#options
    const began = clock.now()
    const url = api.at(statePath(docId))
    const { state } = await withSignal(signal, (own) => readState(http, url, own))
    const throughSegment = state.activeSegment - 1
    if (throughSegment <= (state.snapshot?.throughSegment ?? -1)) {
      onFolded(state.snapshot?.data?.byteLength ?? 0)
      return
    }
    const rows = state.rows.filter(({ segment }) => segment <= throughSegment)
    const sources = { previous: state.snapshot?.data ?? null, rows }
    const data = await runFold({ sources, gc: gc() && !state.keepHistory }, platform)
    if (data === null || signal.aborted) return
    const body = encodeFoldProposal({ throughSegment, data }) as Uint8Array<ArrayBuffer>
    await this.#post(api.at(foldsPath(docId)), FOLD_MEDIA_TYPE, body, signal)
    onFolded(data.byteLength)
    onReport({
      rows: rows.length,
      bytesBefore: rows.reduce(
        (sum, row) => sum + row.data.byteLength,
        sources.previous?.byteLength ?? 0,
      ),
      bytesAfter: data.byteLength,
      ms: clock.now() - began,
      throughSegment,
    })
  }

  async #post(
    url: string,
    contentType: string,
    body: BodyInit,
    signal: AbortSignal,
  ): Promise<void> {
    const { http } = this.#options
    const response = await withSignal(signal, (own) =>
      http.send(url, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
        signal: own,
        deadlineMs: FOLD_DEADLINE_MS,
      }),
    )
    if (response.status !== 201) throw await errorOfResponse(response)
    await drain(response)
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    await withSignal(
      signal,
      (own) =>
        new Promise<void>((resolve, reject) => {
          const cancel = clock.after(ms, resolve)
          own.addEventListener('abort', () => {
            cancel()
            reject(own.reason)
          })
        }),
    )
  }
}

/**
 * The newest of the listed snapshot rows that a fold wrote (a version kept by name has no segment);
 * null if there is none, or if the answer is not such a list.
 */
function newestOf(body: unknown): { throughSegment: number; bytes: number } | null {
  if (typeof body !== 'object' || body === null || !('snapshots' in body)) return null
  const listed: unknown[] = Array.isArray(body.snapshots) ? body.snapshots : []
  for (const row of listed) {
    if (typeof row !== 'object' || row === null) continue
    if (!('throughSegment' in row) || !('bytes' in row)) continue
    const { throughSegment, bytes } = row
    if (typeof throughSegment === 'number' && typeof bytes === 'number') {
      return { throughSegment, bytes }
    }
  }
  return null
}
