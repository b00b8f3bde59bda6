import { exactInWords, storedInWords } from './moment.ts'

/** When something was stored: in short, and exactly while its row is under the pointer or has the focus. */
export function Moment({ at, now }: { at: number; now: number }) {
  const exact = exactInWords(at, now)
  return (
    <time className="moment" dateTime={new Date(at).toISOString()} title={exact}>
      <span className="moment-short">{storedInWords(at, now)}</span>
      <span className="moment-exact">{exact}</span>
    </time>
  )
}
