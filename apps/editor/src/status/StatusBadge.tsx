import type { Badge } from './badge.ts'

/** The truth about the document in a few words, at the edge of the eye. */
export function StatusBadge({ badge }: { badge: Badge }) {
  return (
    <div
      className="badge"
      role="status"
      aria-live="polite"
      data-testid="badge"
      data-state={badge.tone}
      title={badge.detail}
    >
      <span className="badge-mark" aria-hidden="true" />
      <span className="badge-text">{badge.text}</span>
    </div>
  )
}
