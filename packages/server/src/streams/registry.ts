import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** The document and the user of a stream. The stream lives as long as its decision is valid (AUTH-1). */
export interface StreamSubject {
  readonly docId: string
  /** True for a list: `docId` is the prefix of its documents. */
  readonly isList: boolean
  /** The user that `authorize` returned; null if it returned none. */
  readonly user: string | null
  /** The mark of the registry before `authorize` was called. */
  readonly mark: number
  /** Calls `authorize` again. @returns the user; throws the refusal of a request */
  again(): Promise<string | null>
}

/** The streams that a revocation affects: those of a user, of a document, or of a user in a document. */
export interface RevocationTarget {
  readonly user?: string | undefined
  readonly docId?: string | undefined
}

/** An open stream or long poll. */
export interface OpenStream {
  /** Aborted when it must end, with a RequestError as the reason. */
  readonly signal: AbortSignal
  /** Settles when `authorize` has decided about a revocation; null if there is nothing to decide. */
  readonly deciding: Promise<void> | null
  /** Reports that it has ended. */
  close(): void
}

interface Entry {
  docId: string
  isList: boolean
  user: string | null
  again: StreamSubject['again']
  aborter: AbortController
  authorizedAt: number
  timer: ReturnType<typeof setTimeout> | undefined
  /** Counts the calls of `authorize`: a later call makes an earlier permission void. */
  asks: number
  deciding: Promise<void> | null
}

export interface RegistryOptions {
  readonly limits: Pick<
    Limits,
    | 'reauthorizeMs'
    | 'reauthorizeGraceMs'
    | 'maxDocumentStreams'
    | 'maxUserStreams'
    | 'maxTotalStreams'
    | 'retryAfterSeconds'
  >
  /** Called when the first stream opens and when the last one has closed. */
  readonly onActive: (isActive: boolean) => void
}

/** The share of `reauthorizeMs` after which `authorize` is called; it has the rest to answer. */
const ASK_AFTER = 2 / 3

/** The delay before a hook that threw or did not answer is called again, in milliseconds. */
const ASK_AGAIN_MS = 5_000

/** After a revocation, a stream ends unless `authorize` allows it within this time, in milliseconds. */
const REVOKED_PATIENCE_MS = 1_000

/** How many revocations are remembered, for requests that are being authorised meanwhile. */
const MAX_REMEMBERED = 1_000

/**
 * The live streams and long polls that this server holds open. Each is authorised again at intervals,
 * and at once after a revocation that affects it. It ends unless `authorize` still allows it.
 */
export class StreamRegistry {
  readonly #options: RegistryOptions
  readonly #entries = new Set<Entry>()
  readonly #byDocument = new Map<string, number>()
  readonly #byUser = new Map<string, number>()
  readonly #revocations: RevocationTarget[] = []
  /** The number of revocations so far. */
  #mark = 0
  #isStopped = false

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  /** Read before `authorize` is called: an answer from before a later revocation does not count. */
  get mark(): number {
    return this.#mark
  }

  /** @throws {RequestError} too_many_requests, server_busy */
  open(subject: StreamSubject): OpenStream {
    if (this.#isStopped) throw this.#stopping()
    const { docId, isList, user, mark, again } = subject
    this.#requireRoom(subject)
    const entry: Entry = {
      docId,
      isList,
      user,
      again,
      aborter: new AbortController(),
      authorizedAt: performance.now(),
      timer: undefined,
      asks: 0,
      deciding: null,
    }
    this.#entries.add(entry)
    if (!isList) count(this.#byDocument, docId, 1)
    if (user !== null) count(this.#byUser, user, 1)
    this.#askLater(entry, this.#options.limits.reauthorizeMs * ASK_AFTER)
    if (this.#entries.size === 1) this.#options.onActive(true)
    if (this.#wasRevokedSince(mark, entry)) void this.#decide(entry)
    return {
      signal: entry.aborter.signal,
      get deciding() {
        return entry.deciding
      },
      close: () => this.#close(entry),
    }
  }

  /** Authorises the streams of the target again now. @returns how many have ended */
  async revoke(target: RevocationTarget): Promise<number> {
    this.#mark++
    this.#revocations.push(target)
    if (this.#revocations.length > MAX_REMEMBERED) this.#revocations.shift()
    const matching = [...this.#entries].filter((entry) => matches(target, entry))
    await Promise.all(matching.map((entry) => this.#decide(entry)))
    return matching.filter((entry) => !this.#entries.has(entry)).length
  }

  /** Authorises every stream again now: revocations of other servers may have been missed. */
  reauthorizeAll(): void {
    for (const entry of this.#entries) void this.#reauthorize(entry, false)
  }

  /** Ends every stream and refuses new ones, because the server stops. */
  stop(): void {
    this.#isStopped = true
    for (const entry of this.#entries) this.#end(entry, this.#stopping())
  }

  #stopping(): RequestError {
    const { retryAfterSeconds } = this.#options.limits
    return new RequestError('server_busy', 'this server is stopping: try again', {
      retryAfterSeconds,
      isRoutine: true,
    })
  }

  #wasRevokedSince(mark: number, entry: Entry): boolean {
    const since = this.#mark - mark
    if (since === 0) return false
    return (
      since > this.#revocations.length ||
      this.#revocations.slice(-since).some((one) => matches(one, entry))
    )
  }

  #requireRoom({ docId, isList, user }: StreamSubject): void {
    const { limits } = this.#options
    const { maxDocumentStreams, maxUserStreams, maxTotalStreams, retryAfterSeconds } = limits
    const refuse = (whose: string, limit: number, option: string): never => {
      throw new RequestError(
        'too_many_requests',
        `${whose} ${limit} open streams, which is the limit (${option}): close one first`,
        { retryAfterSeconds },
      )
    }
    if (!isList && (this.#byDocument.get(docId) ?? 0) >= maxDocumentStreams) {
      refuse('this document has', maxDocumentStreams, 'maxDocumentStreams')
    }
    if (user !== null && (this.#byUser.get(user) ?? 0) >= maxUserStreams) {
      refuse('you have', maxUserStreams, 'maxUserStreams')
    }
    if (this.#entries.size >= maxTotalStreams) {
      refuse('this server has', maxTotalStreams, 'maxTotalStreams')
    }
  }

  #askLater(entry: Entry, ms: number): void {
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => void this.#reauthorize(entry, false), ms)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof entry.timer === 'object' && 'unref' in entry.timer) entry.timer.unref()
  }

  /** Authorises a stream that a revocation affects. Data that it has received is not sent before the decision. */
  #decide(entry: Entry): Promise<void> {
    const deciding = this.#reauthorize(entry, true).finally(() => {
      if (entry.deciding === deciding) entry.deciding = null
    })
    entry.deciding = deciding
    return deciding
  }

  /** @param isRevoked the stream ends at once if `authorize` cannot decide */
  async #reauthorize(entry: Entry, isRevoked: boolean): Promise<void> {
    const ask = ++entry.asks
    const { reauthorizeMs, reauthorizeGraceMs, retryAfterSeconds } = this.#options.limits
    const patienceMs = reauthorizeMs * (1 - ASK_AFTER)
    try {
      const ms = isRevoked ? Math.min(REVOKED_PATIENCE_MS, patienceMs) : patienceMs
      const user = await inTime(entry.again(), ms)
      if (!this.#entries.has(entry) || entry.asks !== ask) return
      this.#rename(entry, user)
      entry.authorizedAt = performance.now()
      this.#askLater(entry, reauthorizeMs * ASK_AFTER)
    } catch (error) {
      if (!this.#entries.has(entry)) return
      if (error instanceof RequestError && isRefusal(error)) {
        this.#end(entry, error)
        return
      }
      const left = entry.authorizedAt + reauthorizeGraceMs - performance.now()
      if (!isRevoked && left > 0) {
        this.#askLater(entry, Math.min(ASK_AGAIN_MS, reauthorizeMs * ASK_AFTER, left))
        return
      }
      const message = 'cannot check whether you may still read this: try again'
      const options = { cause: error, retryAfterSeconds }
      this.#end(entry, new RequestError('authorization_unavailable', message, options))
    }
  }

  /** The hook may return another user than before. */
  #rename(entry: Entry, user: string | null): void {
    if (entry.user === user) return
    if (entry.user !== null) count(this.#byUser, entry.user, -1)
    if (user !== null) count(this.#byUser, user, 1)
    entry.user = user
  }

  #end(entry: Entry, reason: RequestError): void {
    this.#close(entry)
    entry.aborter.abort(reason)
  }

  #close(entry: Entry): void {
    if (!this.#entries.delete(entry)) return
    clearTimeout(entry.timer)
    if (!entry.isList) count(this.#byDocument, entry.docId, -1)
    if (entry.user !== null) count(this.#byUser, entry.user, -1)
    if (this.#entries.size === 0) this.#options.onActive(false)
  }
}

const isRefusal = ({ code }: RequestError): boolean =>
  code === 'forbidden' || code === 'unauthenticated'

/** A list is affected by every document that it may show. */
const matches = (target: RevocationTarget, { docId, isList, user }: Entry): boolean =>
  (target.docId === undefined ||
    (isList ? target.docId.startsWith(docId) : target.docId === docId)) &&
  (target.user === undefined || target.user === user)

function count(counts: Map<string, number>, key: string, by: number): void {
  const value = (counts.get(key) ?? 0) + by
  if (value > 0) counts.set(key, value)
  else counts.delete(key)
}

/** Rejects if the answer takes too long; a late answer is ignored. */
async function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`authorize did not answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
