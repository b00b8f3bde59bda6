import type { Badge, BadgeTone } from './badge.ts'

const NEEDS_EXPLAINING: ReadonlySet<BadgeTone> = new Set([
  'offline',
  'refused',
  'sign-in',
  'closed',
])

// While offline the provider retries by itself; in these states it waits for the person.
const WAITS_FOR_PERSON: ReadonlySet<BadgeTone> = new Set(['refused', 'sign-in', 'closed'])

interface NoticeProps {
  badge: Badge
  isOffByChoice: boolean
  onRetry: () => void
}

/** Explains the badge in full if something is wrong. */
export function Notice({ badge, isOffByChoice, onRetry }: NoticeProps) {
  if (!NEEDS_EXPLAINING.has(badge.tone)) return null
  return (
    <div className="notice" data-state={badge.tone}>
      <p>{badge.detail}</p>
      {WAITS_FOR_PERSON.has(badge.tone) && (
        <button type="button" onClick={onRetry}>
          {isOffByChoice ? 'Go online' : 'Try again'}
        </button>
      )}
    </div>
  )
}
