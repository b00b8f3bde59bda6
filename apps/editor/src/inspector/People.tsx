import { type CSSProperties, useMemo } from 'react'
import { Avatar } from '../people/Avatar.tsx'
import { type Present, peopleIn } from '../people/people.ts'
import { colorOfClient, type Names, nameOfClient } from './clients.ts'
import type { View } from './Inspection.ts'
import { Problem } from './Problem.tsx'
import { useThrottled } from './timing.ts'
import { shareInWords } from './units.ts'
import { type Writer, writersIn } from './writers.ts'

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
  const { present, presenceRefusal } = view
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
        <Here key={person.id} person={person} present={present} />
      ))}
    </ul>
  )
}

function Here({ person, present }: { person: Present; present: ReadonlyMap<number, unknown> }) {
  const clients = [...present].filter(([client, state]) =>
    peopleIn(new Map([[client, state]]), NOBODY).some(({ id }) => id === person.id),
  )
  const writes = clients.some(
    ([, state]) => typeof state === 'object' && state !== null && 'cursor' in state && state.cursor,
  )
  return (
    <li>
      <Avatar person={person} />
      <span className="present-name">{person.name}</span>
      <span className="present-note">
        {clients.map(([client]) => `client ${client}`).join(', ')}
        {writes ? ' · caret in the text' : ''}
      </span>
    </li>
  )
}

/** The writers of the document by Yjs client: each tab that ever wrote is a client. */
export function Writers({ view, names }: { view: View; names: Names }) {
  const { doc } = view
  const edition = useThrottled(view.edition, COUNT_MS)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a Y.Doc changes and stays the same object.
  const writers = useMemo(() => writersIn(doc), [doc, edition])
  return <WriterList writers={writers} names={names} />
}

function WriterList({ writers, names }: { writers: readonly Writer[]; names: Names }) {
  const all = writers.reduce((sum, { ids }) => sum + ids, 0)
  if (all === 0) return <p className="inspector-nothing">Nobody has written yet.</p>
  const more = writers.slice(MOST_WRITERS)
  return (
    <>
      <div className="shares" aria-hidden="true">
        {writers.slice(0, MOST_WRITERS).map(({ client, ids }) => (
          <span
            key={client}
            style={{ '--person': colorOfClient(names, client), flexGrow: ids } as CSSProperties}
          />
        ))}
        {more.length > 0 && (
          <span style={{ flexGrow: more.reduce((sum, { ids }) => sum + ids, 0) }} />
        )}
      </div>
      <ul className="writers" data-testid="writers">
        {writers.slice(0, MOST_WRITERS).map(({ client, ids, living }) => (
          <li key={client}>
            <i
              className="dot"
              style={{ '--person': colorOfClient(names, client) } as CSSProperties}
            />
            <span className="writers-name">{nameOfClient(names, client)}</span>
            <span className="writers-share">{shareInWords(ids, all)}</span>
            <span className="writers-note">{shareInWords(living, ids)} of it still present</span>
          </li>
        ))}
      </ul>
      {more.length > 0 && <p className="inspector-nothing">and {more.length} more</p>}
    </>
  )
}
