/** Connecting and disconnecting: the steps that involve both reading and writing. */
import { hasUnsent, NOBODY, unsentOf } from '../../unsent-of-others.ts'
import { closeReading, openReading, refuseReading } from '../parts/reading.ts'
import { takeLoaded } from '../parts/resuming.ts'
import { closeWriting, openWriting } from '../parts/writing.ts'
import { doubt, emit, forgetResume, isWithTabs, set, type Work } from '../work.ts'

/** Connects everything. While the device store is being read, this only notes that the app wants it. */
export function openAll(work: Work): void {
  set(work, { isWanted: true })
  const { device, reading } = work.state
  if (device.type === 'loading') return
  if (reading.connection.phase === 'closed') begin(work)
  emit(work, { to: 'presence', type: 'open' })
  openReading(work, takeLoaded(work))
  emit(work, { to: 'reader', type: 'hasten' })
  const { document } = work.state
  if (document.type === 'parted') refuseReading(work, document.error)
  openWriting(work)
}

export function closeAll(work: Work): void {
  set(work, { isWanted: false })
  emit(work, { to: 'app', type: 'stop-looking' })
  emit(work, { to: 'compactor', type: 'stop' })
  emit(work, { to: 'presence', type: 'close' })
  closeWriting(work)
  closeReading(work)
  closeTabs(work)
  if (work.state.resume.type !== 'loaded') forgetResume(work)
}

function begin(work: Work): void {
  const { tabs, device, writing } = work.state
  if (tabs.type === 'closed') {
    set(work, { tabs: { type: 'following' } })
    emit(work, { to: 'tabs', type: 'open', unsent: unsentOf(writing.outbox) })
  }
  emit(work, { to: 'compactor', type: 'start' })
  if (device.type !== 'absent') emit(work, { to: 'app', type: 'look-later' })
}

function closeTabs(work: Work): void {
  const { others } = work.state
  if (!isWithTabs(work.state)) return
  // From here on this tab does not learn whether the edits of other tabs reach the server.
  if (hasUnsent(others)) doubt(work)
  set(work, { tabs: { type: 'closed' }, others: NOBODY })
  emit(work, { to: 'tabs', type: 'close' })
}
