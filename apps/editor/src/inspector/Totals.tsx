import { bytesOf, foldedInWords, type Log, type LogRow, totalsOf } from './log.ts'
import type { Turn } from './sizes.ts'
import { bytesInWords, counted, timesInWords } from './units.ts'

interface TotalsProps {
  log: Log
  lastTurn: Turn | undefined
  /** The rows that the filter shows; null without a filter. */
  shown: readonly LogRow[] | null
}

/** The stored log in five numbers. */
export function Totals({ log, lastTurn, shown }: TotalsProps) {
  const { rows, rowBytes, baseBytes, joinBytes } = totalsOf(log)
  const active = log.segments.at(-1)?.number ?? 0
  const waiting = log.segments.length - 1
  return (
    <dl className="totals">
      {shown === null ? (
        <Total name="Update rows" value={rows.toLocaleString('en')} note={bytesInWords(rowBytes)} />
      ) : (
        <Total
          name="Update rows shown"
          value={`${shown.length.toLocaleString('en')} of ${rows.toLocaleString('en')}`}
          note={`${bytesInWords(bytesOf(shown))} of ${bytesInWords(rowBytes)}`}
        />
      )}
      <Total
        name="Snapshot row"
        value={log.base === null ? 'none' : bytesInWords(baseBytes)}
        note={log.base === null ? 'nothing folded yet' : `of ${foldedInWords(log.base)}`}
      />
      <Total
        name="Last fold"
        value={lastTurn === undefined ? '–' : timesInWords(lastTurn.before, lastTurn.after)}
        note={
          lastTurn === undefined
            ? 'none yet'
            : `smaller: ${bytesInWords(lastTurn.before)} became ${bytesInWords(lastTurn.after)}`
        }
      />
      <Total
        name="Active segment"
        value={String(active)}
        note={
          waiting === 0 ? 'new rows go here' : `${counted(waiting, 'sealed segment')} before it`
        }
      />
      <Total
        name="A client that joins now"
        value={bytesInWords(joinBytes)}
        note="fetches the snapshot row and the rows after it"
      />
    </dl>
  )
}

function Total({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className="total">
      <dt>{name}</dt>
      <dd>
        <span className="total-value">{value}</span> <span className="total-note">{note}</span>
      </dd>
    </div>
  )
}
