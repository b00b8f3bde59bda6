/** A run of clocks of one client. */
interface Clocks {
  readonly id: { readonly clock: number }
  readonly length: number
}

/** The part of a struct that counts. */
export interface Span<S> {
  readonly struct: S
  readonly from: number
  readonly until: number
}

/**
 * Each clock of one client once, sorted: of structs with the same clock the first one counts.
 *
 * It divides the list in halves: the time would be quadratic otherwise if structs overlap.
 */
export function firstSpans<S extends Clocks>(structs: readonly S[]): Span<S>[] {
  const [struct] = structs
  if (struct === undefined) return []
  if (structs.length === 1) {
    return [{ struct, from: struct.id.clock, until: struct.id.clock + struct.length }]
  }
  const middle = structs.length >> 1
  return withRest(firstSpans(structs.slice(0, middle)), firstSpans(structs.slice(middle)))
}

/**
 * All of the first spans, and the parts of the rest that they do not cover. Both are sorted and
 * hold each clock once.
 */
function withRest<S>(first: readonly Span<S>[], rest: readonly Span<S>[]): Span<S>[] {
  const result: Span<S>[] = []
  let at = 0
  for (const { struct, from: begin, until } of rest) {
    let from = begin
    for (let one = first[at]; one !== undefined && one.from < until; one = first[at]) {
      if (from < one.from) result.push({ struct, from, until: one.from })
      from = Math.max(from, one.until)
      // It may also cover the next span of the rest.
      if (one.until >= until) break
      result.push(one)
      at++
    }
    if (from < until) result.push({ struct, from, until })
  }
  for (; at < first.length; at++) result.push(first[at] as Span<S>)
  return result
}
