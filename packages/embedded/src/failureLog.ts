import { EmbeddedError, messageOf, sqlStateOf } from './errors.ts'

/** The interval, in milliseconds, in which the log has at most one line per kind of failure. */
const INTERVAL_MS = 30_000

/** The most kinds that are remembered; more are logged as new. */
const MAX_KINDS = 100

/**
 * Writes failures to a log: one line per kind and interval, which counts the failures since the last
 * line. Failures with the same code are of one kind, since messages may contain names and values.
 * @param write gets each line, for example `console.error`
 * @returns the function for the option `onError` of a shape service
 */
export function logFailures(
  write: (line: string) => void,
  now: () => number = Date.now,
): (error: unknown) => void {
  const kinds = new Map<string, { at: number; leftOut: number }>()
  return (error) => {
    // A service that its own process has closed has not failed.
    if (error instanceof EmbeddedError && error.code === 'closed') return
    const kind = kindOf(error)
    const last = kinds.get(kind)
    if (last !== undefined && now() - last.at < INTERVAL_MS) {
      last.leftOut++
      return
    }
    const more = last === undefined || last.leftOut === 0 ? '' : ` (and ${last.leftOut} more)`
    if (kinds.size >= MAX_KINDS) kinds.clear()
    kinds.set(kind, { at: now(), leftOut: 0 })
    write(`y-electric embedded: ${kind}: ${messageOf(error)}${more}`)
  }
}

function kindOf(error: unknown): string {
  if (error instanceof EmbeddedError) return error.code
  return sqlStateOf(error) ?? (error instanceof Error ? error.name : typeof error)
}
