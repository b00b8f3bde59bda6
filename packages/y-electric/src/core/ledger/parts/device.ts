/** The device store: the content that it had, and its failures. */
import { ElectricProviderError } from '../../../errors.ts'
import type { DocumentEvent } from '../events.ts'
import { doubt, emit, record, set, type Work } from '../work.ts'

type KeptApplied = Extract<DocumentEvent, { type: 'kept-applied' }>

/** The store failed. Edits are kept in memory from now on. */
export const storageFailed = (cause: unknown): ElectricProviderError =>
  new ElectricProviderError('storage_failed', 'edits are kept in memory only: the store failed', {
    cause,
  })

/** The store returned other data than it was given. */
export const storageDamaged = (damage: readonly string[]): ElectricProviderError =>
  new ElectricProviderError(
    'storage_damaged',
    `the store of this device lost or changed data: ${damage.join('; ')}. ` +
      'The document is read from the server, readable edits that the server lacks are sent, ' +
      'and the store is rewritten',
  )

/**
 * The document now contains what this device had.
 * @returns the batches to send
 */
export function keptApplied(work: Work, { kept, added, isWaiting }: KeptApplied) {
  const { updates, batches, resume, damage } = kept
  const isDamaged = damage.length > 0
  // Edits that were only in the outbox are missing from the list of updates.
  for (const update of added) record(work, { type: 'row', update })
  // Comparing with state finds the edits that the server lacks. An incomplete batch must not be sent.
  if (isDamaged) {
    for (const { batchId } of batches) record(work, { type: 'settled', batchId })
  }
  // A document with pending structs lacks content that the server had at the resume point.
  if (isDamaged || isWaiting) doubt(work)
  if (work.state.doubt.type === 'doubted') {
    // The server may lack some of the content: this page or the next one joins.
    record(work, { type: 'whole' })
    record(work, { type: 'resume', point: null })
  } else {
    if (resume !== null) set(work, { resume: { type: 'loaded', point: resume } })
    // Content without a resume point is compared with state.
    else if (updates.length > 0) doubt(work)
  }
  set(work, { device: { type: 'open', stored: { all: false, edits: false } } })
  return isDamaged ? [] : batches
}

export function deviceLost(work: Work, cause: unknown): void {
  if (work.state.device.type === 'lost') return
  set(work, { device: { type: 'lost' } })
  emit(work, { to: 'app', type: 'report', error: storageFailed(cause), side: null })
}

export function deviceDamaged(work: Work, damage: readonly string[]): void {
  emit(work, { to: 'app', type: 'report', error: storageDamaged(damage), side: null })
}
