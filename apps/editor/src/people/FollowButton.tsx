import { follow, useFollowed } from './follow.ts'
import type { Present } from './people.ts'

export function FollowButton({ person }: { person: Present }) {
  const isFollowed = useFollowed()?.id === person.id
  return (
    <button
      type="button"
      className="button-quiet people-follow"
      aria-pressed={isFollowed}
      onClick={() => follow(isFollowed ? null : person)}
    >
      {isFollowed ? 'Following' : 'Follow'}
      <span className="visually-hidden"> {person.name}</span>
    </button>
  )
}
