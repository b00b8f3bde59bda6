import type { CSSProperties } from 'react'
import { shareInWords } from '../inspector/units.ts'
import type { Legend } from './useAuthorship.ts'

/** The colours of the authors in the text, and how much of it each wrote. */
export function AuthorLegend({ legend }: { legend: Legend }) {
  const { authors, areChecked } = legend
  if (authors.length === 0) return <p className="panel-note">There is no text yet.</p>
  return (
    <>
      <ul className="authors" aria-label="Authors" data-testid="authors">
        {authors.map(({ name, color, share }) => (
          <li key={name} style={{ '--author': color } as CSSProperties}>
            <span className="author-name">{name}</span>
            <span className="author-share">{shareInWords(share, 1)}</span>
          </li>
        ))}
      </ul>
      {!areChecked && (
        <p className="panel-note">
          The names are those that the writers gave; this server does not check them.
        </p>
      )}
    </>
  )
}
