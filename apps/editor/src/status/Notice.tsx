import type { Badge, BadgeTone } from './badge.ts'

const NEEDS_EXPLAINING: ReadonlySet<BadgeTone> = new Set([
  'offline',
  'refused',
  'sign-in',
  'closed',
])

// While offline the provider tries by itself; here it waits for the person to have done something.
const WAITS_FOR_PERSON: ReadonlySet<BadgeTone> = new Set(['refused', 'sign-in', 'closed'])

interface NoticeProps {
  badge: Badge
  isOffByChoice: boolean
  onRetry: () => void
}

/** What the badge means for the person, said in full when something is not as it should be. */
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
