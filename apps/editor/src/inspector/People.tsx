import { type CSSProperties, useMemo } from 'react'
import { Avatar } from '../people/Avatar.tsx'
import { type Present, peopleIn } from '../people/people.ts'
import { type Names, personOfClient } from './clients.ts'
import type { View } from './Inspection.ts'
import { Problem } from './Problem.tsx'
import { useThrottled } from './timing.ts'
import { shareInWords } from './units.ts'
import { sharesOf, writersIn } from './writers.ts'

const MOST_WRITERS = 12
/**
 * The minimum time between two counts of the shares, in milliseconds; each count reads the whole
 * document.
 */
const COUNT_MS = 500
/** A client id that no client has, since the inspector is not present itself. */
const NOBODY = -1

/** The people present now, according to the presence rows. */
export function WhoIsPresent({ view }: { view: View }) {
  const { present, presenceRefusal, names } = view
  if (presenceRefusal !== null) return <Problem error={presenceRefusal} />
  if (present === null) return <p className="inspector-nothing">Loading…</p>
  const people = peopleIn(present, NOBODY)
  if (people.length === 0) {
    return (
      <p className="inspector-nothing">
        Nobody. Others cannot see you here: this page writes no row.
      </p>
    )
  }
  return (
    <ul className="present" data-testid="present">
      {people.map((person) => (
        <Here key={person.id} person={person} present={present} names={names} />
      ))}
    </ul>
  )
}

interface HereProps {
  person: Present
  present: ReadonlyMap<number, unknown>
  names: Names
}

function Here({ person, present, names }: HereProps) {
  const clients = [...present].filter(([client, state]) =>
    peopleIn(new Map([[client, state]]), NOBODY).some(({ id }) => id === person.id),
  )
  const writes = clients.some(
    ([, state]) => typeof state === 'object' && state !== null && 'cursor' in state && state.cursor,
  )
  const [[first] = [NOBODY]] = clients
  const { color } = personOfClient(names, first)
  return (
    <li>
      <Avatar person={{ ...person, color }} />
      <span className="present-name">{person.name}</span>
      <span className="present-note">
        {clients.map(([client]) => `client ${client}`).join(', ')}
        {writes ? ' · caret in the text' : ''}
      </span>
    </li>
  )
}

/** The writers of the document, and how much each of them wrote. */
export function Writers({ view, names }: { view: View; names: Names }) {
  const { doc } = view
  const edition = useThrottled(view.edition, COUNT_MS)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a Y.Doc changes and stays the same object.
  const writers = useMemo(() => writersIn(doc), [doc, edition])
  const shares = sharesOf(writers, names)
  const all = shares.reduce((sum, { ids }) => sum + ids, 0)
  if (all === 0) return <p className="inspector-nothing">Nobody has written yet.</p>
  const shown = shares.slice(0, MOST_WRITERS)
  const more = shares.slice(MOST_WRITERS)
  return (
    <>
      <div className="shares" aria-hidden="true">
        {shown.map(({ person, ids }) => (
          <span
            key={person.id}
            style={{ '--person': person.color, flexGrow: ids } as CSSProperties}
          />
        ))}
        {more.length > 0 && (
          <span style={{ flexGrow: more.reduce((sum, { ids }) => sum + ids, 0) }} />
        )}
      </div>
      <ul className="writers" data-testid="writers">
        {shown.map(({ person, ids, living }) => (
          <li key={person.id}>
            <i className="dot" style={{ '--person': person.color } as CSSProperties} />
            <span className="writers-name">{person.name}</span>
            <span className="writers-share">{shareInWords(ids, all)}</span>
            <span className="writers-note">{shareInWords(living, ids)} of it still present</span>
          </li>
        ))}
      </ul>
      {more.length > 0 && <p className="inspector-nothing">and {more.length} more</p>}
    </>
  )
}
