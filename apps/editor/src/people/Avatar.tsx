import type { CSSProperties } from 'react'
import type { Present } from './people.ts'
import { initialsOf } from './person.ts'

export function Avatar({ person }: { person: Present }) {
  return (
    <span
      className="avatar"
      data-you={person.isYou || undefined}
      style={{ '--person': person.color } as CSSProperties}
      title={person.isYou ? `${person.name} (you)` : person.name}
      aria-hidden="true"
      // The style sheet draws them: as text they would contradict the name of the button around them.
      data-initials={initialsOf(person.name)}
    />
  )
}
