import type { Context } from 'hono'
import { IDEMPOTENCY_KEY_HEADER, isBatchId } from 'y-electric/protocol'
import type { Added } from '../admission/quotas.ts'
import { documentExists, hasBatch } from '../store/index.ts'
import { accountOf } from './body-budget.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'

type MakeHandler = (context: RouteContext) => RouteHandler

const NOTHING: Added = { bytes: 0, rows: 0, versions: 0 }

/** True for an answer that reports a new row; a retry gets another status. */
const isCreated = ({ status }: Response): boolean => status === 201

/** Finds out whether a request would store nothing and may therefore succeed without room. */
type StoresNothing = (context: RouteContext, c: Context, docId: string) => Promise<boolean>

/** A batch that is already stored is acknowledged again, even when no more can be stored. */
export const isStoredBatch: StoresNothing = async ({ pool }, c, docId) => {
  const batchId = c.req.header(IDEMPOTENCY_KEY_HEADER)
  return batchId !== undefined && isBatchId(batchId) && (await hasBatch(pool, docId, batchId))
}

/**
 * A document that was written before is not seeded, so the request stores nothing.
 * @throws {RequestError} deleted
 */
export const isWritten: StoresNothing = ({ pool }, _c, docId) => documentExists(pool, docId)

/**
 * Wraps a route that adds its body, and the given rows and versions, to a document: it runs if the stored
 * totals leave room.
 * @throws {RequestError} quota_exceeded
 */
export const storing =
  (
    added: Partial<Added>,
    make: MakeHandler,
    storesNothing: StoresNothing = async () => false,
  ): MakeHandler =>
  (context) => {
    const handle = make(context)
    return async (c, allowed) => {
      const size = declaredSize(c)
      // At least one byte: if a total is full, even the smallest request is refused.
      const all = { ...NOTHING, ...added, bytes: Math.max(1, size ?? 0) }
      return admitted(context, c, allowed, all, async () => handle(c, allowed), { storesNothing })
    }
  }

/** Wraps a route that reduces what is stored of a document. It is never refused, because it makes room. */
export const makingRoom =
  (make: MakeHandler): MakeHandler =>
  (context) => {
    const handle = make(context)
    return async (c, allowed) => {
      const response = await handle(c, allowed)
      context.quotas.changed(allowed.docId)
      return response
    }
  }

/**
 * Keeps a version by name, if the document and its owner may have one more.
 * @throws {RequestError} quota_exceeded
 */
export function storingVersion(
  context: RouteContext,
  c: Context,
  allowed: Allowed,
  store: () => Promise<Response>,
): Promise<Response> {
  const keep = async () => {
    const response = await store()
    // Only the database knows how many bytes the version has.
    context.quotas.changed(allowed.docId)
    return response
  }
  const added = { ...NOTHING, versions: 1 }
  return admitted(context, c, allowed, added, keep, { isStored: ({ ok }) => ok })
}

/**
 * Stores something if the stored totals have room. The room is reserved until it is stored.
 * @throws {RequestError} quota_exceeded
 */
export async function admitted(
  context: RouteContext,
  c: Context,
  { docId, user }: Pick<Allowed, 'docId' | 'user'>,
  added: Added,
  store: () => Promise<Response>,
  {
    isStored = isCreated,
    storesNothing,
  }: {
    readonly isStored?: (response: Response) => boolean
    readonly storesNothing?: StoresNothing
  } = {},
): Promise<Response> {
  const { quotas } = context
  const admission = await quotas.admit({ docId, user }, added).catch(async (error: unknown) => {
    if (await storesNothing?.(context, c, docId)) return null
    throw error
  })
  let stored: Added | null = null
  try {
    const response = await store()
    // A body without a declared length is counted by its bytes.
    const bytes = Math.max(added.bytes, accountOf(c).takenBytes)
    if (isStored(response)) stored = { ...added, bytes }
    return response
  } finally {
    admission?.end(stored)
  }
}

/** The length of the body that the request declares; null if it declares none. */
export function declaredSize(c: Context): number | null {
  const declared = c.req.header('content-length')
  return declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : null
}
