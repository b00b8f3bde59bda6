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
  /** Updates with at most this many structs are checked on the event loop; others in a worker. */
  readonly examineInlineStructs: number
  /** How long a worker may take to check an update, in milliseconds. */
  readonly examineTimeoutMs: number
  /**
   * How many bytes of update rows one transaction may add to a segment with live readers. A larger
   * transaction gets a segment of its own, since the shape service would stall live streams. It is
   * still one transaction. Electric counts hexadecimal, twice as many bytes, and its limit is 10 MB.
   */
  readonly maxTransactionBytes: number
  /**
   * How many transactions append updates at once, and as many write presence; further updates wait for the next
   * transaction. With shapes in process, a trigger lets only one transaction commit at a time. With an Electric, a
   * second transaction helps if the database is far away.
   */
  readonly appendLanes: number
  /** How many updates wait to be stored, and as many presence states; more are answered 503. */
  readonly maxWaitingAppends: number
  /** Largest awareness state that is stored, in bytes. */
  readonly maxAwarenessBytes: number
  /**
   * After this time without a write, a presence row expires, in milliseconds. Clients write every 30 s and
   * hide a client that is silent for 37 s.
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
   * Memory for the large answers of all routes together while they are sent, in bytes; beyond it a request
   * that reads is answered 503. A single answer may always be as large as the other limits allow, if no other
   * is sent.
   */
  readonly maxAnswersBytes: number
  /** The server gives up a reader of a large answer that reads nothing for this time, in milliseconds. */
  readonly answerStallMs: number
  /** How long a whole body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number
  /** The interval, in milliseconds, in which a body must make progress: */
  readonly bodyStallMs: number
  /** ... at least this many bytes per second. */
  readonly minBodyBytesPerSecond: number
  /** Largest document in one format that an inspection returns, in bytes. */
  readonly maxExportBytes: number
  /**
   * Largest document that is read, in bytes: its newest snapshot row and the update rows that are not
   * folded. The server answers `document_too_large` for a larger one. `maxDocumentBytes` limits how much
   * may be stored.
   */
  readonly maxReadBytes: number
  /**
   * From this size on, in bytes, the update rows of a document without a snapshot row are merged for a joiner
   * whose document is empty, if that makes its answer smaller.
   */
  readonly minMergedBytes: number
  /** How long merged rows are kept for the next joiner, in milliseconds. */
  readonly mergedCacheMs: number
  /** The most memory that the kept merged rows of all documents take, in bytes; 0: rows are merged for each joiner. */
  readonly maxMergedCacheBytes: number
  /** How many snapshot rows of a document are kept, newest first; labelled ones are always kept. */
  readonly keepSnapshots: number
  /** For how many hours back the newest snapshot row of each hour is kept, the current hour included; 0: none. */
  readonly keepHourlySnapshots: number
  /** For how many days back (UTC) the newest snapshot row of each day is kept, the current day included; 0: none. */
  readonly keepDailySnapshots: number
  /** A segment with at least this many rows may be rolled, ... */
  readonly minRollRows: number
  /** ... or with this many bytes, ... */
  readonly minRollBytes: number
  /** ... or, if it is not empty, at this age in seconds: no client can flood a document with segments. */
  readonly minRollAgeSeconds: number
  /** How many folds are checked at once, each possibly in a worker; for one user, half as many. */
  readonly maxParallelFolds: number
  /** How many folds wait in the queue; more are answered 503. */
  readonly maxWaitingFolds: number
  /** A fold that has taken this long, in milliseconds, is aborted when others wait. */
  readonly foldYieldMs: number
  /** How much time a user's failed folds of a document may take before the next one has to wait, in milliseconds. */
  readonly foldToleranceMs: number
  /** Up to this many stored bytes are folded on the event loop; more goes to a worker. */
  readonly foldCheckInlineBytes: number
  /** How long a worker may take to check a fold, in milliseconds. */
  readonly foldCheckTimeoutMs: number
  /** Heap of that worker, in MiB: a small proposal can claim to be a huge document. */
  readonly foldCheckMemoryMb: number
  /** Up to this many stored bytes are inspected on the event loop; more goes to a worker. */
  readonly inspectInlineBytes: number
  /** How long a worker may take to inspect, verify or compare, in milliseconds. */
  readonly inspectTimeoutMs: number
  /** Heap of that worker, in MiB. */
  readonly inspectMemoryMb: number
  /** How many documents are inspected at once; more wait in the queue. */
  readonly maxParallelInspections: number
  /**
   * How many documents are inspected at once for one user (or address, if no user is known). With 1, the heavy work of
   * one user takes one processor at most, and edits and other users have the others.
   */
  readonly maxParallelPerUser: number
  /** How many inspections wait in the queue; more are answered 503. */
  readonly maxWaitingInspections: number
  /**
   * After a client has left its running inspection or fold, the same user or address waits nine times as long as that
   * work has run before it may start another one in its place, and at most this time, in milliseconds; 0: it does not
   * wait.
   */
  readonly maxAbandonedRestMs: number
  /** The `Retry-After` of an answer that refuses a request because a queue is full, in seconds. */
  readonly busyRetryAfterSeconds: number
  /**
   * Words or list elements that two versions may differ in, for each text and list; with more, the text
   * or list counts as wholly replaced.
   */
  readonly maxDiffEdits: number
  /** How long the comparison of one text or list may take, in milliseconds. */
  readonly diffTimeoutMs: number
  /**
   * How often the server announces the newest rows in a live stream, in milliseconds. The announcements
   * let clients detect a stream that stays open and delivers nothing.
   */
  readonly announceEveryMs: number
  /** The most stored bytes of one document: update rows and snapshot rows together. */
  readonly maxDocumentBytes: number
  /** The most update rows of one document that are not folded. */
  readonly maxDocumentRows: number
  /** The most versions of one document that are kept by name. */
  readonly maxDocumentVersions: number
  /**
   * The most clients of one document whose writers' names are kept. Beyond that, a new name replaces the oldest one of
   * the user with the most names. A name and a user have at most 200 characters each.
   */
  readonly maxDocumentWriters: number
  /** Largest file of a document that is stored, in bytes. */
  readonly maxFileBytes: number
  /** The most bytes of all files of one document together. They also count as stored bytes of the document. */
  readonly maxDocumentFileBytes: number
  /** The most clients that are present in one document. */
  readonly maxDocumentPresenceRows: number
  /** The most live streams and long polls of one document on one server. */
  readonly maxDocumentStreams: number
  /** The most documents that one user has created. The user is the name that `authorize` returns. */
  readonly maxUserDocuments: number
  /** The most stored bytes of all documents that one user has created. */
  readonly maxUserBytes: number
  /** The most update rows of all documents that one user has created. */
  readonly maxUserRows: number
  /** The most versions that are kept of all documents that one user has created. */
  readonly maxUserVersions: number
  /** The most presence rows of one user, in all documents. */
  readonly maxUserPresenceRows: number
  /** The most live streams and long polls of one user on one server. */
  readonly maxUserStreams: number
  /** The most documents in total. */
  readonly maxTotalDocuments: number
  /** The most stored bytes in total. */
  readonly maxTotalBytes: number
  /** The most update rows in total. */
  readonly maxTotalRows: number
  /** The most kept versions in total. */
  readonly maxTotalVersions: number
  /** The most presence rows in total. */
  readonly maxTotalPresenceRows: number
  /** The most streams that one live response joins. */
  readonly maxLiveStreams: number
  /** The most live streams and long polls on one server. */
  readonly maxTotalStreams: number
  /**
   * How many bytes of the newest messages the server keeps of each shape that has live readers, and at least the
   * last transaction. A stream whose reader falls further behind the fastest one ends, and its reader continues
   * from its last offset.
   */
  readonly maxUnreadBytes: number
  /**
   * How old stored totals may be before they are measured again, in milliseconds. A server counts its
   * own writes in between; those of other servers count at the next measurement.
   */
  readonly quotaCheckMs: number
  /** `Retry-After` when a stored total has reached its limit, in seconds. */
  readonly quotaRetryAfterSeconds: number
  /**
   * After a right is revoked, open streams and long polls that used it end within this time, in
   * milliseconds. `authorize` is called again after two thirds of it and has the rest of it to answer.
   */
  readonly reauthorizeMs: number
  /**
   * How long `authorize`, `limits` and `revoke` may take to answer for a request, in milliseconds. A request whose
   * hook takes longer is answered 503.
   */
  readonly hookTimeoutMs: number
  /**
   * How long a stream stays open while `authorize` throws or does not answer, in milliseconds since its
   * last answer.
   */
  readonly reauthorizeGraceMs: number
  /** `Retry-After` when the database or the shape service is unavailable, in seconds. */
  readonly retryAfterSeconds: number
  /** How long the result of a health check is reused, in milliseconds; 0 disables reuse. */
  readonly healthCacheMs: number
  /**
   * Where work is shared fairly by address, the addresses of an IPv6 network with a prefix of this length
   * count as one, since one person has all of them.
   */
  readonly ipv6PrefixBits: number
  /** The interval, in milliseconds, in which the log has at most one line per kind of failure. */
  readonly errorLogIntervalMs: number
}

export const DEFAULT_LIMITS: Limits = {
  // A provider assigns a /64 to one customer.
  ipv6PrefixBits: 64,
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
  minMergedBytes: 4 * 1024,
  mergedCacheMs: 60_000,
  maxMergedCacheBytes: 16 * 1024 * 1024,
  keepSnapshots: 3,
  keepHourlySnapshots: 24,
  keepDailySnapshots: 30,
  minRollRows: 20,
  minRollBytes: 64 * 1024,
  minRollAgeSeconds: 60 * 60,
  maxDocumentBytes: 1024 ** 3,
  maxDocumentRows: 1_000_000,
  maxDocumentVersions: 1_000,
  maxDocumentWriters: 10_000,
  maxFileBytes: 10 * 1024 * 1024,
  maxDocumentFileBytes: 256 * 1024 * 1024,
  maxDocumentPresenceRows: 1_000,
  maxDocumentStreams: 10_000,
  maxUserDocuments: 100_000,
  maxUserBytes: 100 * 1024 ** 3,
  maxUserRows: 10_000_000,
  maxUserVersions: 100_000,
  maxUserPresenceRows: 500,
  maxUserStreams: 1_000,
  maxTotalDocuments: 100_000_000,
  maxTotalBytes: 10 * 1024 ** 4,
  maxTotalRows: 1_000_000_000,
  maxTotalVersions: 100_000_000,
  maxTotalPresenceRows: 1_000_000,
  maxTotalStreams: 50_000,
  maxLiveStreams: 500,
  maxUnreadBytes: 1024 * 1024,
  quotaCheckMs: 30_000,
  quotaRetryAfterSeconds: 30,
  hookTimeoutMs: 10_000,
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
  foldCheckInlineBytes: 32 * 1024,
  foldCheckTimeoutMs: 60_000,
  foldCheckMemoryMb: 1_024,
  maxDiffEdits: 2_000,
  diffTimeoutMs: 5_000,
  inspectInlineBytes: 64 * 1024,
  inspectTimeoutMs: 60_000,
  inspectMemoryMb: 1_024,
  maxParallelInspections: 4,
  maxParallelPerUser: 1,
  maxWaitingInspections: 64,
  maxAbandonedRestMs: 2_000,
  busyRetryAfterSeconds: 2,
}

/** Limits that may be 0. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  'keepHourlySnapshots',
  'keepDailySnapshots',
  'healthCacheMs',
  'maxAbandonedRestMs',
  'maxMergedCacheBytes',
])

/** True if 0 is a value of this limit. */
export const mayBeZero = (limit: string): boolean => MAY_BE_ZERO.has(limit)

/** The given limits, with defaults for the others. @throws {RangeError} if one is not a positive number. */
export function withDefaults(limits: Partial<Limits>): Limits {
  const merged = { ...DEFAULT_LIMITS, ...limits }
  for (const [name, value] of Object.entries(merged)) {
    if (!Number.isFinite(value) || value < 0 || (value === 0 && !mayBeZero(name))) {
      throw new RangeError(`${name} must be a positive number, not ${value}`)
    }
  }
  return merged
}
