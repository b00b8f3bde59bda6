import { keepSnapshot, labelSnapshot } from '../documents/versions.ts'
import { bodyOf, integerFrom, nullable, optional } from '../schemas/values.ts'
import { MAX_LABEL_LENGTH } from '../schemas/versions.ts'
import { askerOf } from './asker.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { readJson } from './json-body.ts'
import { MAX_SEQ, parameter, readRequired, storableText } from './parameters.ts'
import { SEQ } from './snapshots.ts'
import { storingVersion } from './storing.ts'

const NO_STORE = { 'cache-control': 'no-store' }

const LABEL = storableText(1, MAX_LABEL_LENGTH)
const LABEL_IN_WORDS = `text of 1 to ${MAX_LABEL_LENGTH} characters`

/** The body of `POST /docs/:docId/versions`. */
export const VERSION_BODY = bodyOf({ label: LABEL, at: optional(integerFrom(0, MAX_SEQ)) })

/** The body of `PATCH /docs/:docId/snapshots/:seq`. */
export const LABEL_BODY = bodyOf({ label: nullable(LABEL) })

/** `POST /docs/:docId/versions` `{label, at?}`: keeps the document as it is, or as it was, under a name. */
export function postVersion(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId, user } = allowed
    const { limits } = context
    const words = `{"label": ${LABEL_IN_WORDS}, "at"?: the seq of a snapshot row}`
    const { label, at } = await readJson(c, VERSION_BODY, words)
    const options = { label, createdBy: user, at, limits, asker: askerOf(c, user, limits) }
    return storingVersion(context, c, allowed, async () =>
      c.json(await keepSnapshot(context.pool, docId, options), 201, NO_STORE),
    )
  }
}

export const OLD_LABEL = parameter(
  { name: 'label', description: 'The name of the version.', required: true },
  LABEL,
)

/** `POST /docs/:docId/snapshots?label=`: the path of `POST …/versions` in the first releases. */
export function postSnapshot(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId, user } = allowed
    const { limits } = context
    const label = readRequired(c, OLD_LABEL)
    const options = { label, createdBy: user, limits, asker: askerOf(c, user, limits) }
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
    const words = `{"label": ${LABEL_IN_WORDS}, or null}`
    const { label } = await readJson(c, LABEL_BODY, words)
    const store = async () =>
      c.json(await labelSnapshot(context.pool, docId, seq, label), 200, NO_STORE)
    if (label !== null) return storingVersion(context, c, allowed, store)
    // Removing a label makes room for another version.
    const response = await store()
    context.quotas.changed(docId)
    return response
  }
}
