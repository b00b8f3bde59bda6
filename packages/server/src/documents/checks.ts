import { docIdProblem } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'

/** @throws {RequestError} invalid_doc_id */
export function requireDocId(docId: string): void {
  const problem = docIdProblem(docId)
  if (problem !== null) throw new RequestError('invalid_doc_id', problem)
}

export const nothingStored = (): RequestError =>
  new RequestError('not_found', 'there is no such document')

/** @throws {RequestError} snapshot_too_large */
export function requireFits(content: Uint8Array, maxSnapshotBytes: number): void {
  if (content.byteLength <= maxSnapshotBytes) return
  throw new RequestError(
    'snapshot_too_large',
    `the document has ${content.byteLength} bytes, and a snapshot row has at most ${maxSnapshotBytes}`,
  )
}
