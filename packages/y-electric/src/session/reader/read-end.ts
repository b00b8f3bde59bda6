/** Interprets the errors with which reads end. */
import { isFinal } from '../../core/refusals.ts'
import { ElectricProviderError } from '../../errors.ts'
import type { StreamEnd } from '../../io/shape-reader.ts'

/** The reason why state could not be read, and whether it may work later. */
export function endOfJoin(cause: unknown): StreamEnd {
  const error =
    cause instanceof ElectricProviderError
      ? cause
      : new ElectricProviderError('network', 'the document could not be read', { cause })
  return { error, transient: !isFinal('read', error), position: null }
}

/** The document is not applied, because that would block this thread for too long. */
export const tooHeavy = (maxStructs: number): ElectricProviderError =>
  new ElectricProviderError(
    'document_too_large',
    `the document has more than ${maxStructs} structs, so it is not applied: raise maxDocumentStructs if it is trusted`,
  )
