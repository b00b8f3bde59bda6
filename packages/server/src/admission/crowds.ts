import type pg from 'pg'
import { clientsIn, clientsOf, type PresenceFull, type PresenceWriter } from '../store/index.ts'
import { RecentMap } from './recent-map.ts'

/** A refusal relies on a read of at most this age, in milliseconds: a client is accepted soon after another left. */
const CHECK_MS = 1_000
/** After this many refusals by the database within that time, this server decides about further clients itself. */
const REFUSALS = 8
/** How many full documents and users a server remembers. */
const MAX_CROWDS = 64

/** A document or a user that has as many presence rows as allowed. */
interface Crowd {
  /** When the database first refused a client of it, or the present clients were last read. */
  since: number
  /** How often the database has refused a client since then. */
  refusals: number
  /** The clients that are present, and the refusal of any other; null while the database decides. */
  known: { readonly present: ReadonlySet<number | string>; readonly refusal: PresenceFull } | null
}

export interface CrowdsOptions {
  readonly clientsIn: (docId: string) => Promise<ReadonlySet<number>>
  /** The clients of a user, each as `docId/clientId`. */
  readonly clientsOf: (user: string) => Promise<ReadonlySet<string>>
  /** The time in milliseconds. */
  readonly now: () => number
}

/**
 * Refuses a flood of new clients in full documents without asking the database, which would delay edits. Clients
 * that are present are never refused here. Without a flood the database decides alone.
 */
export class Crowds {
  readonly #options: CrowdsOptions
  readonly #crowds = new RecentMap<Crowd>(MAX_CROWDS)

  constructor(options: CrowdsOptions) {
    this.#options = options
  }

  /** Called before the body of a request is read. @throws {RequestError} quota_exceeded */
  requireRoom(writer: PresenceWriter): void {
    for (const whose of ['document', 'user'] as const) {
      const key = keyOf(writer, whose)
      const known = (key === null ? undefined : this.#current(key))?.known
      if (!known) continue
      if (!known.present.has(memberOf(writer, whose))) throw known.refusal
    }
  }

  /** Reports that the database has refused a client. Resolves when the present clients are read, if a read is due. */
  async refused(writer: PresenceWriter, refusal: PresenceFull): Promise<void> {
    const { whose } = refusal
    const key = keyOf(writer, whose)
    if (key === null) return
    const { now } = this.#options
    const crowd = this.#current(key) ?? { since: now(), refusals: 0, known: null }
    this.#crowds.set(key, crowd)
    crowd.refusals += 1
    if (crowd.refusals !== REFUSALS) return
    const askedAt = now()
    let present: ReadonlySet<number | string>
    try {
      present = await (whose === 'document'
        ? this.#options.clientsIn(writer.docId)
        : this.#options.clientsOf(writer.user ?? ''))
    } catch {
      // The database continues to decide.
      this.#crowds.delete(key)
      return
    }
    crowd.since = askedAt
    crowd.known = { present, refusal }
  }

  /** Reports that a client has left, so that another one may arrive. */
  left(writer: PresenceWriter): void {
    for (const whose of ['document', 'user'] as const) {
      const key = keyOf(writer, whose)
      if (key !== null) this.#crowds.delete(key)
    }
  }

  #current(key: string): Crowd | undefined {
    const crowd = this.#crowds.get(key)
    if (crowd === undefined || this.#options.now() - crowd.since < CHECK_MS) return crowd
    this.#crowds.delete(key)
    return undefined
  }
}

export const createCrowds = (pool: pg.Pool): Crowds =>
  new Crowds({
    clientsIn: (docId) => clientsIn(pool, docId),
    clientsOf: (user) => clientsOf(pool, user),
    now: () => performance.now(),
  })

function keyOf({ docId, user }: PresenceWriter, whose: PresenceFull['whose']): string | null {
  if (whose === 'document') return `document ${docId}`
  return whose === 'user' && user !== null ? `user ${user}` : null
}

const memberOf = (
  { docId, clientId }: PresenceWriter,
  whose: 'document' | 'user',
): number | string => (whose === 'document' ? clientId : `${docId}/${clientId}`)
