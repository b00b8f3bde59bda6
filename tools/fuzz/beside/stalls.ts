// Distinguishes a server that stalled from a machine that did not run it.

/** A span of time on the clock that all processes of a machine share, in milliseconds. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** The duration from which an honest request counts as stalled, in milliseconds. */
export const STALL_MS = 200

/** The slow requests by their cause. */
export interface Stalls {
  /** Requests that took too long although the machine ran its processes on time. */
  readonly ofServer: number
  /** Requests that took too long because the machine did not run the processes. */
  readonly ofMachine: number
  /** The longest request without the time for which the machine was late, in milliseconds. */
  readonly worst: number
}

/**
 * @param requests the honest requests
 * @param lags the spans in which a timer of an idle process was overdue, or in which the server, its database or the honest
 *   person was ready to run and had no processor
 */
export function judgeStalls(requests: readonly Span[], lags: readonly Span[]): Stalls {
  let [ofServer, ofMachine, worst] = [0, 0, 0]
  const late = merged(lags)
  for (const request of requests) {
    const took = request.until - request.from
    const own = took - late.reduce((sum, lag) => sum + overlap(request, lag), 0)
    worst = Math.max(worst, own)
    if (took <= STALL_MS) continue
    if (own > STALL_MS) ofServer++
    else ofMachine++
  }
  return { ofServer, ofMachine, worst }
}

const overlap = (one: Span, other: Span): number =>
  Math.max(0, Math.min(one.until, other.until) - Math.max(one.from, other.from))

/** Merges spans that overlap. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = []
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1)
    if (last === undefined || span.from > last.until) result.push(span)
    else result[result.length - 1] = { ...last, until: Math.max(last.until, span.until) }
  }
  return result
}
