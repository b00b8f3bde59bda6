import type { Change, Difference, PlainValue, TextPart } from './api.ts'

/** More than this of one value is not drawn. */
const LONGEST_VALUE = 400

/** What is different, thing by thing: words in texts, and everything else by its path. */
export function Changes({ difference: { changes, isCut } }: { difference: Difference }) {
  if (changes.length === 0 && !isCut) {
    return <p className="inspector-nothing">Nothing: they read the same.</p>
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
        <p className="inspector-nothing">
          There is more that is different than can be compared here.
        </p>
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
            // Parts have no names, and are never moved.
            // biome-ignore lint/suspicious/noArrayIndexKey: they are drawn anew, all of them.
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
      return <mark title="formatted otherwise">{part.text}</mark>
    case 'skipped':
      return (
        <span className="change-skipped" title={`${part.length} letters that are the same`}>
          {' … '}
        </span>
      )
    case 'same':
      return <span>{part.text}</span>
  }
}

const pathInWords = (path: Change['path']): string => path.map(String).join(' › ')

/** A value as one reads it: text as it is, and everything else as JSON. Tags of nodes stand back. */
function Value({ value }: { value: PlainValue }) {
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  const shown = words.length > LONGEST_VALUE ? `${words.slice(0, LONGEST_VALUE)}…` : words
  return shown.split(/(<[^<>]+>)/).map((part, index) =>
    part.startsWith('<') ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: they are drawn anew, all of them.
      <span key={index} className="change-tag">
        {part}
      </span>
    ) : (
      part
    ),
  )
}
