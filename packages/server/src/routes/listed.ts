import { docIdProblem } from 'y-electric/protocol'
import { type Decision, MAX_LISTED_IDS } from '../auth.ts'
import { RequestError } from '../errors.ts'

/** The ids that a user may see in lists; null for all documents below the prefix. */
export type ListedIds = readonly string[] | null

/**
 * Reads the ids of a decision about `list` (LIST-1). The hook is the app's code: a value of another type is a refusal, so
 * that a mistake shows less and never more.
 * @throws {RequestError} forbidden
 * @throws {RangeError} if there are too many, for the operator
 */
export function listedIds(decision: Decision, refusal: string): ListedIds {
  const documents: unknown = typeof decision === 'object' ? decision.documents : null
  if (documents === null || documents === undefined) return null
  if (!Array.isArray(documents) || !documents.every((docId) => typeof docId === 'string')) {
    throw new RequestError('forbidden', refusal)
  }
  const ids = [...new Set<string>(documents)].filter((docId) => docIdProblem(docId) === null)
  if (ids.length > MAX_LISTED_IDS) {
    throw new RangeError(
      `authorize returned ${ids.length} documents for a list, and the most is ${MAX_LISTED_IDS}: give the documents of a user a prefix, and authorize lists of this prefix`,
    )
  }
  return ids.sort()
}

/** True if two lists of ids, each sorted, show the same documents. */
export const isSameList = (a: ListedIds, b: ListedIds): boolean =>
  a === null || b === null
    ? a === b
    : a.length === b.length && a.every((docId, i) => docId === b[i])

/** Ends an open list, because the hook now names other documents. The reader starts over with these. */
export class ListChanged extends RequestError {
  readonly documents: ListedIds

  constructor(documents: ListedIds) {
    super('forbidden', 'the documents that you may list have changed: read the list again', {
      isRoutine: true,
    })
    this.documents = documents
  }
}
