import type { Change, Difference, Json, TextPart } from '@y-electric/documents'

/** Longer values are cut. */
const LONGEST_VALUE = 400

/** The differences one by one: word changes in texts, and the path of everything else. */
export function Changes({ difference: { changes, isCut } }: { difference: Difference }) {
  if (changes.length === 0 && !isCut) {
    return <p className="inspector-nothing">Nothing: both have the same content.</p>
  }
  return (
    <>
      <ul className="changes">
        {changes.map((change) => (
          <li key={`${change.type} ${change.path.join(' ')}`}>
            <p className="change-path">{pathInWords(change.path)}</p>
            <ChangeBody change={change} />
          </li>
        ))}
      </ul>
      {isCut && (
        <p className="inspector-nothing">There are more differences than can be shown here.</p>
      )}
    </>
  )
}

function ChangeBody({ change }: { change: Change }) {
  switch (change.type) {
    case 'added':
      return (
        <ins>
          <Value value={change.value} />
        </ins>
      )
    case 'removed':
      return (
        <del>
          <Value value={change.value} />
        </del>
      )
    case 'changed':
      return (
        <>
          <del>
            <Value value={change.before} />
          </del>{' '}
          <ins>
            <Value value={change.after} />
          </ins>
        </>
      )
    case 'text':
      return (
        <p className="change-text">
          {change.parts.map((part, index) => (
            // Parts have no identity and are never moved.
            // biome-ignore lint/suspicious/noArrayIndexKey: all parts are rendered again.
            <Part key={index} part={part} />
          ))}
        </p>
      )
  }
}

function Part({ part }: { part: TextPart }) {
  switch (part.type) {
    case 'added':
      return <ins>{part.text}</ins>
    case 'removed':
      return <del>{part.text}</del>
    case 'formatted':
      return <mark title="formatting changed">{part.text}</mark>
    case 'skipped':
      return (
        <span className="change-skipped" title={`${part.length} unchanged letters`}>
          {' … '}
        </span>
      )
    case 'same':
      return <span>{part.text}</span>
  }
}

const pathInWords = (path: Change['path']): string => path.map(String).join(' › ')

/**
 * A value for display: a text as it is, everything else as JSON. Tags of nodes are less prominent.
 */
function Value({ value }: { value: Json }) {
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  const shown = words.length > LONGEST_VALUE ? `${words.slice(0, LONGEST_VALUE)}…` : words
  return shown.split(/(<[^<>]+>)/).map((part, index) =>
    part.startsWith('<') ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: all parts are rendered again.
      <span key={index} className="change-tag">
        {part}
      </span>
    ) : (
      part
    ),
  )
}
