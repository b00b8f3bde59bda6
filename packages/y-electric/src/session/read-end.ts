/** What the end of a read means. */
import { isFinal } from '../core/refusals.ts'
import { ElectricProviderError } from '../errors.ts'
import type { StreamEnd } from '../io/shape-reader.ts'

/** Why state could not be read, and whether it may work later. */
export function endOfJoin(cause: unknown): StreamEnd {
  const error =
    cause instanceof ElectricProviderError
      ? cause
      : new ElectricProviderError('network', 'the document could not be read', { cause })
  return { error, transient: !isFinal('read', error), position: null }
}

/** Folded; or not opened, as in a store that lost it: state says where to go on. */
export const isGone = ({ code }: ElectricProviderError): boolean =>
  code === 'segment_folded' || code === 'segment_not_opened'
