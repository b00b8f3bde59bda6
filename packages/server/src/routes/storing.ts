import type { Context } from 'hono'
import { IDEMPOTENCY_KEY_HEADER, isBatchId } from 'y-electric/protocol'
import type { Added } from '../admission/quotas.ts'
import { documentExists, hasBatch } from '../store/index.ts'
import { accountOf } from './body-budget.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'

type MakeHandler = (context: RouteContext) => RouteHandler

const NOTHING: Added = { bytes: 0, rows: 0, versions: 0 }

/** True for an answer that says that something new was stored; a retry gets another status. */
const isCreated = ({ status }: Response): boolean => status === 201

/** Finds out whether a request for which there is no room would store nothing, and may go on. */
type StoresNothing = (context: RouteContext, c: Context, docId: string) => Promise<boolean>

/** A batch that is stored already is answered as before, also while nothing more is stored. */
export const isStoredBatch: StoresNothing = async ({ pool }, c, docId) => {
  const batchId = c.req.header(IDEMPOTENCY_KEY_HEADER)
  return batchId !== undefined && isBatchId(batchId) && (await hasBatch(pool, docId, batchId))
}

/** A document that was written once is not seeded. @throws {RequestError} deleted */
export const isWritten: StoresNothing = ({ pool }, _c, docId) => documentExists(pool, docId)

/**
 * A route that adds to a document what is in its body, and so many rows and versions, if the stored
 * totals leave room for it.
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
      // Nothing fits into what is full, however little it is.
      const all = { ...NOTHING, ...added, bytes: Math.max(1, size ?? 0) }
      return admitted(context, c, allowed, all, async () => handle(c, allowed), { storesNothing })
    }
  }

/** A route after which less is stored of a document. It is never refused: it makes room. */
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
    // How many bytes it has is known to the database alone.
    context.quotas.changed(allowed.docId)
    return response
  }
  const added = { ...NOTHING, versions: 1 }
  return admitted(context, c, allowed, added, keep, { isStored: ({ ok }) => ok })
}

/**
 * Stores something for which the stored totals have room. The room is reserved until it is stored.
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
    // A body that did not declare its length is counted as it was.
    const bytes = Math.max(added.bytes, accountOf(c).takenBytes)
    if (isStored(response)) stored = { ...added, bytes }
    return response
  } finally {
    admission?.end(stored)
  }
}

/** How many bytes the body has, as the request says; null if it does not say. */
export function declaredSize(c: Context): number | null {
  const declared = c.req.header('content-length')
  return declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : null
}
