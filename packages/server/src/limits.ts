import { MAX_DOCUMENT_STRUCTS, MAX_UPDATE_BYTES, MAX_UPDATE_STRUCTS } from 'y-electric/protocol'

/** The server's limits; each has a default and can be set with the option of the same name. */
export interface Limits {
  /** Largest update that is stored in one row, in bytes. */
  readonly maxUpdateBytes: number
  /**
   * Most structs of an update that is stored in one row. A range of deletes counts as one, and a
   * subdocument as 20.
   */
  readonly maxUpdateStructs: number
  /** Most structs of a document that is imported or seeded. */
  readonly maxDocumentStructs: number
  /** Updates with at most this many structs are judged on the event loop; others in a worker. */
  readonly examineInlineStructs: number
  /** How long a worker may take to judge an update, in milliseconds. */
  readonly examineTimeoutMs: number
  /**
   * How many bytes of update rows one transaction may add to a segment with live readers. A larger
   * transaction gets a segment of its own, since the shape service would stall live streams. It is
   * still one transaction. Electric counts hexadecimal, twice as many bytes, and its limit is 10 MB.
   */
  readonly maxTransactionBytes: number
  /**
   * How many transactions append updates at once, and as many write presence; what comes meanwhile goes as
   * the next transaction.
   * The trigger of shapes in process lets only one transaction commit at a time. With an Electric, a
   * second one helps if the database is far away.
   */
  readonly appendLanes: number
  /** How many updates wait to be stored, and as many presence states; more are told to come later. */
  readonly maxWaitingAppends: number
  /** Largest awareness state that is stored, in bytes. */
  readonly maxAwarenessBytes: number
  /**
   * After this time without a write, a presence row belongs to nobody, in milliseconds. Clients write
   * every 30 s, and show nobody who is silent for 37 s.
   */
  readonly presenceExpiryMs: number
  /** Largest snapshot row that is stored, in bytes. */
  readonly maxSnapshotBytes: number
  /**
   * Memory for the bodies of all requests together, in bytes; beyond it a request is answered 503. A
   * single body may always be as large as its own limit allows, if no other request has a body.
   */
  readonly maxBodiesBytes: number
  /**
   * Memory for the large answers of `GET state` together while they are sent, in bytes; beyond it a request is
   * answered 503. A single answer may always be as large as `maxReadBytes` allows, if no other is sent.
   */
  readonly maxAnswersBytes: number
  /** How long the reader of such an answer may take nothing of it before it is given up, in milliseconds. */
  readonly answerStallMs: number
  /** How long a whole body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number
  /** The interval, in milliseconds, in which a body must make progress: */
  readonly bodyStallMs: number
  /** ... at least so many bytes per second. */
  readonly minBodyBytesPerSecond: number
  /** Largest document in one format that an inspection returns, in bytes. */
  readonly maxExportBytes: number
  /**
   * Largest document that is read, in bytes: its newest snapshot row and the update rows that are not
   * folded. The server answers `document_too_large` for a larger one instead of trying. What may be
   * stored is limited by `maxDocumentBytes`.
   */
  readonly maxReadBytes: number
  /** How many snapshot rows of a document stay, newest first; those with a label always do. */
  readonly keepSnapshots: number
  /** For how many hours back the newest snapshot row of each stays, the current hour included; 0: none. */
  readonly keepHourlySnapshots: number
  /** For how many days back (by UTC), likewise. */
  readonly keepDailySnapshots: number
  /** A segment with at least this many rows may be rolled, ... */
  readonly minRollRows: number
  /** ... or with this many bytes, ... */
  readonly minRollBytes: number
  /** ... or, if it is not empty, at this age in seconds: nobody can flood a document with segments. */
  readonly minRollAgeSeconds: number
  /** How many folds are verified at once, each perhaps in a worker; of one user, half as many. */
  readonly maxParallelFolds: number
  /** How many folds wait their turn; more are told to come later. */
  readonly maxWaitingFolds: number
  /** A fold that has taken this long, in milliseconds, gives way when others wait. */
  readonly foldYieldMs: number
  /** How long a user's folds of a document may take in vain before the next one has to wait, in milliseconds. */
  readonly foldToleranceMs: number
  /** Up to this many stored bytes are folded on the event loop; more goes to a worker. */
  readonly verifyInlineBytes: number
  /** How long a worker may take to verify a fold, in milliseconds. */
  readonly verifyTimeoutMs: number
  /** Heap that it may take, in MiB: a small proposal can claim to be a huge document. */
  readonly verifyMemoryMb: number
  /** Up to this many stored bytes are inspected on the event loop; more goes to a worker. */
  readonly inspectInlineBytes: number
  /** How long a worker may take to inspect, verify or compare, in milliseconds. */
  readonly inspectTimeoutMs: number
  /** Heap that it may take, in MiB. */
  readonly inspectMemoryMb: number
  /** How many documents are inspected at once; more wait their turn. */
  readonly maxParallelInspections: number
  /** How many of them for one user (or address, where no user is known), so that the others get their turn. */
  readonly maxParallelPerUser: number
  /** How many inspections wait their turn; more are told to come later. */
  readonly maxWaitingInspections: number
  /** The `Retry-After` of an answer that refuses a request because a queue is full, in seconds. */
  readonly busyRetryAfterSeconds: number
  /**
   * Words or list elements that two versions may differ in, for each text and list; beyond that it
   * counts as wholly replaced.
   */
  readonly maxDiffEdits: number
  /** How long the comparison of one text or list may take, in milliseconds. */
  readonly diffTimeoutMs: number
  /**
   * How often the server announces the newest rows in a live stream, in milliseconds. The announcements
   * reveal a stream that stays open and delivers nothing.
   */
  readonly announceEveryMs: number
  /** The most stored bytes of one document: update rows and snapshot rows together. */
  readonly maxDocumentBytes: number
  /** The most update rows of one document that are not folded yet. */
  readonly maxDocumentRows: number
  /** The most versions of one document that are kept by name. */
  readonly maxDocumentVersions: number
  /** The most clients that are shown in one document. */
  readonly maxDocumentPresenceRows: number
  /** The most live streams and long polls of one document on one server. */
  readonly maxDocumentStreams: number
  /** The most documents that one user has created. A user is who `authorize` names. */
  readonly maxUserDocuments: number
  /** The most stored bytes of all documents that one user has created. */
  readonly maxUserBytes: number
  /** The most update rows of all documents that one user has created. */
  readonly maxUserRows: number
  /** The most versions that are kept of all documents that one user has created. */
  readonly maxUserVersions: number
  /** The most clients that one user is shown as, in all documents. */
  readonly maxUserPresenceRows: number
  /** The most live streams and long polls of one user on one server. */
  readonly maxUserStreams: number
  /** The most documents in all. */
  readonly maxTotalDocuments: number
  /** The most stored bytes in all. */
  readonly maxTotalBytes: number
  /** The most update rows in all. */
  readonly maxTotalRows: number
  /** The most kept versions in all. */
  readonly maxTotalVersions: number
  /** The most presence rows in all. */
  readonly maxTotalPresenceRows: number
  /** The most streams that one response joins. */
  readonly maxLiveStreams: number
  /** The most live streams and long polls on one server. */
  readonly maxTotalStreams: number
  /**
   * How old stored totals may be before they are measured again, in milliseconds. A server counts its
   * own writes in between; those of other servers count at the next measurement.
   */
  readonly quotaCheckMs: number
  /** `Retry-After` when a stored total has reached its limit, in seconds. */
  readonly quotaRetryAfterSeconds: number
  /**
   * Within this time after a right is taken away, open streams and long polls of it end, in
   * milliseconds. `authorize` is asked again after two thirds of it, and has the rest to answer.
   */
  readonly reauthorizeMs: number
  /**
   * How long a stream stays open while `authorize` throws or does not answer, in milliseconds, from its
   * last answer on.
   */
  readonly reauthorizeGraceMs: number
  /** `Retry-After` when the database or the shape service is away, in seconds. */
  readonly retryAfterSeconds: number
  /** How long the result of a health check is reused, in milliseconds; 0 disables reuse. */
  readonly healthCacheMs: number
  /** The interval, in milliseconds, in which the log has at most one line per kind of failure. */
  readonly errorLogIntervalMs: number
}

export const DEFAULT_LIMITS: Limits = {
  maxUpdateBytes: MAX_UPDATE_BYTES,
  maxUpdateStructs: MAX_UPDATE_STRUCTS,
  maxDocumentStructs: MAX_DOCUMENT_STRUCTS,
  examineInlineStructs: 1_000,
  examineTimeoutMs: 20_000,
  maxTransactionBytes: 4 * 1024 * 1024,
  appendLanes: 1,
  maxWaitingAppends: 10_000,
  maxAwarenessBytes: 16 * 1024,
  presenceExpiryMs: 40_000,
  maxSnapshotBytes: 64 * 1024 * 1024,
  maxBodiesBytes: 128 * 1024 * 1024,
  maxAnswersBytes: 512 * 1024 * 1024,
  answerStallMs: 60_000,
  bodyTimeoutMs: 120_000,
  bodyStallMs: 10_000,
  minBodyBytesPerSecond: 1_024,
  maxExportBytes: 64 * 1024 * 1024,
  maxReadBytes: 512 * 1024 * 1024,
  keepSnapshots: 3,
  keepHourlySnapshots: 24,
  keepDailySnapshots: 30,
  minRollRows: 20,
  minRollBytes: 64 * 1024,
  minRollAgeSeconds: 60 * 60,
  maxDocumentBytes: 1024 ** 3,
  maxDocumentRows: 1_000_000,
  maxDocumentVersions: 1_000,
  maxDocumentPresenceRows: 1_000,
  maxDocumentStreams: 10_000,
  maxUserDocuments: 100_000,
  maxUserBytes: 100 * 1024 ** 3,
  maxUserRows: 10_000_000,
  maxUserVersions: 100_000,
  maxUserPresenceRows: 1_000,
  maxUserStreams: 1_000,
  maxTotalDocuments: 100_000_000,
  maxTotalBytes: 10 * 1024 ** 4,
  maxTotalRows: 1_000_000_000,
  maxTotalVersions: 100_000_000,
  maxTotalPresenceRows: 1_000_000,
  maxTotalStreams: 50_000,
  maxLiveStreams: 500,
  quotaCheckMs: 30_000,
  quotaRetryAfterSeconds: 30,
  reauthorizeMs: 30_000,
  reauthorizeGraceMs: 90_000,
  announceEveryMs: 5_000,
  retryAfterSeconds: 1,
  healthCacheMs: 1_000,
  errorLogIntervalMs: 30_000,
  maxParallelFolds: 2,
  maxWaitingFolds: 32,
  foldYieldMs: 2_000,
  foldToleranceMs: 5_000,
  verifyInlineBytes: 32 * 1024,
  verifyTimeoutMs: 60_000,
  verifyMemoryMb: 1_024,
  maxDiffEdits: 2_000,
  diffTimeoutMs: 5_000,
  inspectInlineBytes: 64 * 1024,
  inspectTimeoutMs: 60_000,
  inspectMemoryMb: 1_024,
  maxParallelInspections: 4,
  maxParallelPerUser: 2,
  maxWaitingInspections: 64,
  busyRetryAfterSeconds: 2,
}

/** Limits of which there may be none. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  'keepHourlySnapshots',
  'keepDailySnapshots',
  'healthCacheMs',
])

/** The defaults with the given ones in their place. @throws {RangeError} when one is not a positive number. */
export function withDefaults(limits: Partial<Limits>): Limits {
  const merged = { ...DEFAULT_LIMITS, ...limits }
  for (const [name, value] of Object.entries(merged)) {
    if (!Number.isFinite(value) || value < 0 || (value === 0 && !MAY_BE_ZERO.has(name))) {
      throw new RangeError(`${name} must be a positive number, not ${value}`)
    }
  }
  return merged
}
