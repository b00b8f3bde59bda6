import { keepSnapshot, labelSnapshot, MAX_LABEL_LENGTH } from '../documents/versions.ts'
import { RequestError } from '../errors.ts'
import { askerOf } from './asker.ts'
import { readJsonObject } from './body.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { MAX_SEQ, readRequired } from './parameters.ts'
import { SEQ } from './snapshots.ts'
import { storingVersion } from './storing.ts'
import { isStorable } from './unreadable.ts'

const NO_STORE = { 'cache-control': 'no-store' }

/** `POST /docs/:docId/versions` `{label, at?}`: keeps the document as it is, or as it was, under a name. */
export function postVersion(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId, user } = allowed
    const { label, at } = await readJsonObject(c)
    if (!isLabel(label) || !(at === undefined || isSeq(at))) {
      throw new RequestError(
        'invalid_request',
        `the body must be {"label": ${LABEL_IN_WORDS}, "at"?: the seq of a snapshot row}`,
      )
    }
    const { limits } = context
    const options = { label, createdBy: user, at, limits, asker: askerOf(c, user, limits) }
    return storingVersion(context, c, allowed, async () =>
      c.json(await keepSnapshot(context.pool, docId, options), 201, NO_STORE),
    )
  }
}

/** `PATCH /docs/:docId/snapshots/:seq` `{label}`: labels a snapshot row, or with null removes the label. */
export function patchSnapshot(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId } = allowed
    const seq = readRequired(c, SEQ)
    const { label } = await readJsonObject(c)
    if (label !== null && !isLabel(label)) {
      throw new RequestError(
        'invalid_request',
        `the body must be {"label": ${LABEL_IN_WORDS}, or null}`,
      )
    }
    const store = async () =>
      c.json(await labelSnapshot(context.pool, docId, seq, label), 200, NO_STORE)
    if (label !== null) return storingVersion(context, c, allowed, store)
    // Removing a label makes room for another version.
    const response = await store()
    context.quotas.changed(docId)
    return response
  }
}

const LABEL_IN_WORDS = `text of 1 to ${MAX_LABEL_LENGTH} characters`

const isLabel = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= MAX_LABEL_LENGTH &&
  isStorable(value)

const isSeq = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SEQ
