import { type CSSProperties, useId, useState } from 'react'
import { PALETTE } from './palette.ts'
import { LONGEST_NAME } from './person.ts'
import { changePerson, usePerson } from './personStore.ts'

/** The form for the person's own name and colour. Others see a change at once. */
export function PersonForm() {
  const person = usePerson()
  const [typed, setTyped] = useState(person.name)
  const id = useId()

  return (
    <form className="person-form" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={`${id}name`}>Your name</label>
      <input
        id={`${id}name`}
        className="field"
        type="text"
        autoComplete="nickname"
        maxLength={LONGEST_NAME}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          changePerson({ name: event.target.value })
        }}
        // An empty name keeps the last one.
        onBlur={() => setTyped(person.name)}
      />
      <fieldset className="swatches">
        <legend>Your colour</legend>
        {PALETTE.map(({ name, color }) => (
          <label key={color} title={name} style={{ '--person': color } as CSSProperties}>
            <input
              type="radio"
              name={`${id}color`}
              aria-label={name}
              checked={person.color === color}
              onChange={() => changePerson({ color })}
            />
          </label>
        ))}
      </fieldset>
    </form>
  )
}
