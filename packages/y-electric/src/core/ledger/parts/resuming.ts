/** The resume point: it is recorded only while everything before it is on the server or this device's to send. */
import type { ResumePoint } from '../../connection.ts'
import { hasUnsent } from '../../unsent-of-others.ts'
import { record, set, type Work } from '../work.ts'

/** Everything before this point has been recorded. */
export function reached(work: Work, point: ResumePoint): void {
  set(work, { resume: { type: 'held-back', point } })
}

/** Takes the point at which an earlier page left off; null if there is none. */
export function takeLoaded(work: Work): ResumePoint | null {
  const { resume } = work.state
  if (resume.type !== 'loaded') return null
  set(work, { resume: { type: 'none' } })
  return resume.point
}

/** Records the point that is held back, once nothing is in doubt any more. */
export function settleResume(work: Work): void {
  const { resume, doubt, others } = work.state
  if (resume.type !== 'held-back' || doubt.type !== 'none' || hasUnsent(others)) return
  set(work, { resume: { ...resume, type: 'recorded' } })
  record(work, { type: 'resume', point: resume.point })
}
