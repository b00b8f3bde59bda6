/** Events that come from the Y.Doc. */
import { willJoin } from '../../connection.ts'
import type { Comparison, DocumentEvent } from '../events.ts'
import { deviceDamaged, keptApplied } from '../parts/device.ts'
import { awaitAnswers, isReadingState, part, partingStep } from '../parts/joining.ts'
import { joinAgain, joined, readStateAgain, refuseReading } from '../parts/reading.ts'
import { reached } from '../parts/resuming.ts'
import {
  holdWriter,
  releaseWriter,
  replaceAll,
  restoreBatches,
  takeEdit,
} from '../parts/writing.ts'
import {
  doubtLoaded,
  emit,
  endDoubt,
  forgetResume,
  record,
  setReading,
  type Work,
  withdrawResume,
} from '../work.ts'
import { openAll } from './opening.ts'

type Event<Type extends DocumentEvent['type']> = Extract<DocumentEvent, { type: Type }>

export function documentStep(work: Work, event: DocumentEvent): void {
  switch (event.type) {
    case 'edited':
      takeEdit(work, event.update)
      return
    case 'foreign-load':
      foreignLoad(work, event.update)
      return
    case 'kept-applied':
      keptShown(work, event)
      return
    case 'applied':
      applied(work, event)
      return
    case 'compared':
      compared(work, event)
      return
    case 'state-applied':
      stateApplied(work, event)
  }
}

/**
 * Most content that another persistence of the document loads is on the server; joining finds the rest.
 */
function foreignLoad(work: Work, update: Uint8Array): void {
  if (!willJoin(work.state.reading.connection)) {
    takeEdit(work, update)
    return
  }
  doubtLoaded(work, update)
  record(work, { type: 'row', update })
  forgetResume(work)
  withdrawResume(work)
}

function keptShown(work: Work, event: Event<'kept-applied'>): void {
  if (work.state.device.type !== 'loading') return
  const batches = keptApplied(work, event)
  if (event.kept.damage.length > 0) deviceDamaged(work, event.kept.damage)
  if (batches.length > 0) restoreBatches(work, batches)
  if (work.state.isWanted) openAll(work)
}

function applied(work: Work, event: Event<'applied'>): void {
  const { update, source, isNew, isContradicting } = event
  if (isNew) record(work, { type: 'row', update })
  if (isContradicting) {
    // Further edits could be hidden as well, so they wait until state shows which ones are.
    holdWriter(work)
    withdrawResume(work)
    joinAgain(work)
  }
  // Until the other tab has stored or sent the edit, it may be nowhere else.
  if (isNew && source.type === 'tab') withdrawResume(work)
}

function compared(work: Work, { state, comparison }: Event<'compared'>): void {
  if (!isReadingState(work.state)) return
  if (comparison.type === 'parted') {
    parted(work, comparison)
    return
  }
  setReading(work, { ackedMeanwhile: [] })
  // Before state is applied: Yjs may then tidy up formatting, and that edit must stay in the outbox.
  if (work.state.isRemaking) replaceAll(work, comparison.update)
  else if (comparison.update !== null) takeEdit(work, comparison.update)
  endDoubt(work)
  emit(work, { to: 'document', type: 'apply-state', state })
}

function parted(work: Work, comparison: Extract<Comparison, { type: 'parted' }>): void {
  holdWriter(work)
  switch (partingStep(work.state, comparison)) {
    case 'wait':
      awaitAnswers(work)
      return
    case 'read-again':
      emit(work, { to: 'document', type: 'joining' })
      readStateAgain(work)
      return
    case 'part':
      part(work, comparison)
      replaceAll(work, comparison.missing)
      endDoubt(work)
      refuseReading(work, comparison.error)
      releaseWriter(work)
  }
}

function stateApplied(work: Work, { state }: Event<'state-applied'>): void {
  record(work, { type: 'whole' })
  releaseWriter(work)
  if (!isReadingState(work.state)) return
  // Another persistence of the document loaded content while state was applied.
  if (work.state.doubt.type === 'doubted') {
    readStateAgain(work)
    return
  }
  const { follow, seen } = work.state.reading
  const newest = [...seen].reduce((one, other) => Math.max(one, other), 0)
  // With the newest row: a page that resumes here can then tell that the shape service lags behind it.
  const from = { segment: state.activeSegment, position: follow, newest }
  reached(work, from)
  joined(work, from)
}
