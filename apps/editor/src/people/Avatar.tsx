import type { CSSProperties } from 'react'
import type { Present } from './people.ts'
import { initialsOf } from './person.ts'

interface AvatarProps {
  person: Present
  /** True for a person who is not here any more. */
  isGone?: boolean
}

export function Avatar({ person, isGone = false }: AvatarProps) {
  return (
    <span
      className="avatar"
      data-you={person.isYou || undefined}
      data-gone={isGone || undefined}
      style={{ '--person': person.color } as CSSProperties}
      title={person.isYou ? `${person.name} (you)` : person.name}
      aria-hidden="true"
      // The style sheet draws them: as text they would contradict the name of the button around them.
      data-initials={initialsOf(person.name)}
    />
  )
}
