import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import {
  type DocumentUsage,
  measureDocument,
  measureTotal,
  measureUser,
  noteUnnoted,
  noteUsage,
  type TotalUsage,
} from '../store/index.ts'
import { type Amounts, type Exceeded, Measured, type Reservation } from './measured.ts'

/** The document that a request writes to, and the user who writes. */
export interface StoredBy {
  readonly docId: string
  readonly user: string | null
}

/** Amounts that a request will store, or has stored. */
export interface Added {
  readonly bytes: number
  readonly rows: number
  readonly versions: number
}

/** Permission to store something. Its room is reserved until the request ends. */
export interface Admission {
  /** Counts what was stored; null if nothing was. Called once. */
  end(stored: Added | null): void
}

/** The decision whether one more client may be present. */
export interface PresenceRoom {
  readonly isFree: boolean
  /** Ends the request; `hasArrived` says if it inserted a new row. Called once. */
  end(hasArrived: boolean): void
}

/** Checks stored totals against their limits. */
export interface Quotas {
  /** @throws {RequestError} quota_exceeded, before anything is stored */
  admit(by: StoredBy, added: Added): Promise<Admission>
  /** Reports that the stored amounts of a document shrank or differ from what was counted. */
  changed(docId: string): void
  /** Whether one more client may be present, over all documents together. */
  presenceRoom(): Promise<PresenceRoom>
}

const DOCUMENT_AMOUNTS = ['bytes', 'rows', 'versions'] as const
const TOTAL_AMOUNTS = ['bytes', 'rows', 'versions', 'documents', 'presenceRows'] as const
type TotalName = (typeof TOTAL_AMOUNTS)[number]

/** How many documents and users a server keeps totals of. */
const MAX_REMEMBERED = 10_000

/** The key of the overall total. */
const ALL = ''

/** How many documents of an older server one statement measures. */
const UNNOTED_AT_ONCE = 100

/** How many written documents one statement records. */
const NOTED_AT_ONCE = 500

const ONE_PRESENCE_ROW = { bytes: 0, rows: 0, versions: 0, documents: 0, presenceRows: 1 }

const WORDS: Record<TotalName, string> = {
  bytes: 'stored bytes',
  rows: 'update rows',
  versions: 'kept versions',
  documents: 'documents',
  presenceRows: 'presence rows',
}

/**
 * Checks stored totals against their limits without reading them on every write. A document is measured
 * when this server first writes it and then at intervals (`quotaCheckMs`); in between, the server counts
 * in memory what it stores. The totals of written documents are recorded in `ydoc_usage`; the totals of
 * users and of the whole server are read from there. With one server a limit is exact. With several
 * servers it is exceeded by at most what the others store within an interval.
 */
export function createQuotas(pool: pg.Pool, limits: Limits): Quotas {
  const checkMs = () => limits.quotaCheckMs
  /** Documents that were written since they were last recorded; for new documents, the user who created them. */
  const written = new Map<string, string | null>()
  let noting: Promise<void> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const documents = new Measured<keyof Added, DocumentUsage>({
    names: DOCUMENT_AMOUNTS,
    measure: (docId) => measureDocument(pool, docId),
    checkMs,
    maxKeys: MAX_REMEMBERED,
  })
  const totalsBy = (measure: (key: string) => Promise<TotalUsage>) =>
    new Measured<TotalName, TotalUsage>({
      names: TOTAL_AMOUNTS,
      measure: async (key) => {
        await note()
        return measure(key)
      },
      checkMs,
      maxKeys: MAX_REMEMBERED,
    })
  /** By owner: a document counts for the user who created it, whoever writes it. */
  const owners = totalsBy((user) => measureUser(pool, user))
  const total = totalsBy(() => {
    // Not awaited: with many large documents it takes minutes, and until then the total is too small.
    noteOlder().catch(() => {})
    return measureTotal(pool)
  })
  let older: Promise<void> | null = null

  /** Records the documents that an older server wrote, in batches. After a failure, a later total starts again. */
  function noteOlder(): Promise<void> {
    older ??= (async () => {
      let last: string | null = ''
      while (last !== null) last = await noteUnnoted(pool, last, UNNOTED_AT_ONCE)
    })().catch((error: unknown) => {
      older = null
      throw error
    })
    return older
  }

  /** Records what was written; concurrent calls share one run. */
  function note(): Promise<void> {
    noting ??= noteWritten().finally(() => {
      noting = null
    })
    return noting
  }

  async function noteWritten(): Promise<void> {
    while (written.size > 0) {
      const batch = [...written].slice(0, NOTED_AT_ONCE)
      for (const [docId] of batch) written.delete(docId)
      try {
        const notes = batch.map(async ([docId, creator]) => {
          const usage = documents.current(docId) ?? (await documents.read(docId))
          return { docId, usage: { ...usage, owner: creator ?? usage.owner } }
        })
        await noteUsage(pool, await Promise.all(notes))
      } catch (error) {
        for (const [docId, creator] of batch) {
          written.set(docId, creator ?? written.get(docId) ?? null)
        }
        throw error
      }
    }
  }

  function noteSoon(docId: string, creator: string | null, ms: number): void {
    written.set(docId, creator ?? written.get(docId) ?? null)
    if (ms === 0) {
      note().catch(() => {})
      return
    }
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      // While the database is unavailable nothing is written, and the next write tries again.
      note().catch(() => {})
    }, ms)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref()
  }

  const refusal = (whose: string, option: string, { name, value, limit }: Exceeded<TotalName>) => {
    const setting = `max${option}${name[0]?.toUpperCase()}${name.slice(1)}`
    return new RequestError(
      'quota_exceeded',
      `${whose} ${value} ${WORDS[name]}, and the limit is ${limit} (${setting}): nothing more is stored until there is room`,
      { retryAfterSeconds: limits.quotaRetryAfterSeconds },
    )
  }

  return {
    async admit({ docId, user }, added) {
      const usage = await documents.read(docId)
      const isNew = !usage.exists
      const owner = isNew ? user : usage.owner
      const inTotals = (amounts: Added) => ({
        ...amounts,
        documents: isNew ? 1 : 0,
        presenceRows: 0,
      })
      const reserved: { end(stored: Added | null): void }[] = []
      const reserve = async <Name extends TotalName>(
        outcome: Promise<Exceeded<Name> | Reservation<Name>>,
        amountsOf: (stored: Added) => Amounts<Name>,
        whose: string,
        option: string,
      ): Promise<void> => {
        const room = await outcome
        if (!('end' in room)) throw refusal(whose, option, room)
        reserved.push({ end: (stored) => room.end(stored && amountsOf(stored)) })
      }
      try {
        await reserve(
          documents.reserve(docId, added, documentLimits(limits)),
          (stored) => stored,
          'this document has',
          'Document',
        )
        if (owner !== null) {
          await reserve(
            owners.reserve(owner, inTotals(added), ownerLimits(limits)),
            inTotals,
            'the documents of its owner have',
            'User',
          )
        }
        await reserve(
          total.reserve(ALL, inTotals(added), totalLimits(limits)),
          inTotals,
          'all documents together have',
          'Total',
        )
      } catch (error) {
        for (const room of reserved) room.end(null)
        throw error
      }
      return {
        end(stored) {
          for (const room of reserved) room.end(stored)
          if (stored === null) return
          if (isNew) documents.correct(docId, { exists: true, owner })
          // The creator of a document is first known here, and is recorded at once.
          if (isNew) noteSoon(docId, owner, 0)
          else noteSoon(docId, null, limits.quotaCheckMs)
        },
      }
    },

    changed(docId) {
      documents.forget(docId)
      noteSoon(docId, null, limits.quotaCheckMs)
    },

    async presenceRoom() {
      const room = await total.reserve(ALL, ONE_PRESENCE_ROW, totalLimits(limits))
      if (!('end' in room)) return { isFree: false, end: () => {} }
      return {
        isFree: true,
        end: (hasArrived) => room.end(hasArrived ? ONE_PRESENCE_ROW : null),
      }
    },
  }
}

const documentLimits = (limits: Limits): Amounts<keyof Added> => ({
  bytes: limits.maxDocumentBytes,
  rows: limits.maxDocumentRows,
  versions: limits.maxDocumentVersions,
})

const ownerLimits = (limits: Limits): Amounts<TotalName> => ({
  bytes: limits.maxUserBytes,
  rows: limits.maxUserRows,
  versions: limits.maxUserVersions,
  documents: limits.maxUserDocuments,
  // Counted by the statement that inserts the row.
  presenceRows: Number.POSITIVE_INFINITY,
})

const totalLimits = (limits: Limits): Amounts<TotalName> => ({
  bytes: limits.maxTotalBytes,
  rows: limits.maxTotalRows,
  versions: limits.maxTotalVersions,
  documents: limits.maxTotalDocuments,
  presenceRows: limits.maxTotalPresenceRows,
})
