import { type CSSProperties, useId } from 'react'
import { type Filter, isFiltering, NO_FILTER, toggled } from './filter.ts'
import type { LegendEntry } from './legend.ts'
import { fromLocalInput, toLocalInput } from './moment.ts'
import { counted } from './units.ts'

const MINUTE = 60_000
/** Spans that end now, in minutes. */
const SPANS = [
  ['Last 10 minutes', 10],
  ['Last hour', 60],
  ['Last day', 24 * 60],
] as const

interface FiltersProps {
  filter: Filter
  /** The writers; null while they are read. */
  legend: readonly LegendEntry[] | null
  /** How many rows are shown, of how many. */
  shown: number
  all: number
  onChange: (filter: Filter) => void
}

/** The legend of writers, and a choice of rows by writer and time. */
export function Filters({ filter, legend, shown, all, onChange }: FiltersProps) {
  const words =
    shown === all ? counted(all, 'row') : `${shown.toLocaleString('en')} of ${counted(all, 'row')}`
  return (
    <div className="filters">
      <fieldset className="filters-writers" data-testid="legend">
        <legend>Writers</legend>
        {legend === null && <span className="inspector-nothing">Reading the rows…</span>}
        {legend?.length === 0 && <span className="inspector-nothing">Nobody yet.</span>}
        {legend?.map(({ id, name, color, rows }) => (
          <label key={id} className="filters-writer">
            <input
              type="checkbox"
              checked={filter.writers.has(id)}
              onChange={() => onChange(toggled(filter, id))}
            />
            <i className="dot" style={{ '--person': color } as CSSProperties} />
            <span className="filters-name">{name}</span>{' '}
            <span className="filters-count">{counted(rows, 'row')}</span>
          </label>
        ))}
      </fieldset>
      <fieldset className="filters-span">
        <legend>Stored</legend>
        <TimeField
          label="from"
          at={filter.from}
          onChange={(from) => onChange({ ...filter, from })}
        />
        <TimeField label="to" at={filter.to} onChange={(to) => onChange({ ...filter, to })} />
        <span className="filters-spans">
          {SPANS.map(([name, minutes]) => (
            <button
              key={name}
              type="button"
              className="button-quiet"
              onClick={() => {
                const from = Math.floor((Date.now() - minutes * MINUTE) / 1_000) * 1_000
                onChange({ ...filter, from, to: null })
              }}
            >
              {name}
            </button>
          ))}
        </span>
      </fieldset>
      <p className="filters-result">
        <output data-testid="shown">{words}</output>
        {isFiltering(filter) && (
          <button type="button" className="button-quiet" onClick={() => onChange(NO_FILTER)}>
            Show all rows
          </button>
        )}
      </p>
    </div>
  )
}

interface TimeFieldProps {
  label: string
  at: number | null
  onChange: (at: number | null) => void
}

function TimeField({ label, at, onChange }: TimeFieldProps) {
  const id = useId()
  return (
    <span className="filters-time">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        step={1}
        className="field"
        value={at === null ? '' : toLocalInput(at)}
        onChange={({ target }) => onChange(fromLocalInput(target.value))}
      />
    </span>
  )
}
