import type { Awareness } from 'y-protocols/awareness'
import { Popover } from '../controls/Popover.tsx'
import { momentInWords } from '../documents/when.ts'
import { Arrivals } from './Arrivals.tsx'
import { Avatar } from './Avatar.tsx'
import { FollowButton } from './FollowButton.tsx'
import { PersonForm } from './PersonForm.tsx'
import { listed, type Present } from './people.ts'
import { type Gone, useGone } from './useGone.ts'
import { usePeople } from './usePeople.ts'

const MOST = 4

interface WhoIsHereProps {
  awareness: Awareness
  /** True while presence cannot be received. */
  isAlone: boolean
}

/** The avatars at the edge of the page; the popover lists all people and the own name. */
export function WhoIsHere({ awareness, isAlone }: WhoIsHereProps) {
  const people = usePeople(awareness)
  const gone = useGone(people)
  const shown = people.length > MOST ? people.slice(0, MOST - 1) : people
  const more = people.length - shown.length
  const names = people.map(({ name, isYou }) => (isYou ? `${name} (you)` : name))

  return (
    <div className="people" data-testid="people">
      {people.length > 0 && (
        <Popover
          label="Who is here"
          buttonLabel={`Who is here: ${listed(names)}`}
          buttonClass="people-button"
          button={
            <>
              {shown.map((person) => (
                <Avatar key={person.id} person={person} />
              ))}
              {isAlone &&
                gone.map(({ person }) => <Avatar key={person.id} person={person} isGone />)}
              {more > 0 && (
                <span
                  className="avatar avatar-more"
                  aria-hidden="true"
                  data-initials={`+${more}`}
                />
              )}
            </>
          }
        >
          <PeoplePanel people={people} gone={gone} isAlone={isAlone} />
        </Popover>
      )}
      <Arrivals people={people} />
    </div>
  )
}

interface PeoplePanelProps {
  people: readonly Present[]
  gone: readonly Gone[]
  isAlone: boolean
}

function PeoplePanel({ people, gone, isAlone }: PeoplePanelProps) {
  const others = people.filter(({ isYou }) => !isYou)
  const isHere = others.length < people.length
  return (
    <>
      {isHere && <PersonForm />}
      <div className="people-others">
        <h2>{isHere ? 'Also here' : 'Here now'}</h2>
        {others.length === 0 ? (
          <p className="popover-note">
            {isAlone
              ? 'While you are offline, you and others cannot see each other.'
              : 'Nobody else. Share the link to write together.'}
          </p>
        ) : (
          <ul>
            {others.map((person) => (
              <li key={person.id}>
                <Avatar person={person} />
                <span className="people-name">{person.name}</span>
                <FollowButton person={person} />
              </li>
            ))}
          </ul>
        )}
        {gone.length > 0 && (
          <ul aria-label="Not here any more">
            {gone.map(({ person, lastSeen }) => (
              <li key={person.id} className="people-gone">
                <Avatar person={person} isGone />
                <span className="people-name">{person.name}</span>
                <span className="popover-note">
                  last seen {momentInWords(lastSeen, Date.now())}
                </span>
              </li>
            ))}
          </ul>
        )}
        {!isHere && <p className="popover-note">You are reading; others cannot see you.</p>}
      </div>
    </>
  )
}
