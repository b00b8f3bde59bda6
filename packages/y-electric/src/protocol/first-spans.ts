/** A run of clocks of one client. */
interface Clocks {
  readonly id: { readonly clock: number }
  readonly length: number
}

/** The clocks of a struct that count. */
export interface Span<S> {
  readonly struct: S
  readonly from: number
  readonly until: number
}

/**
 * Each clock of one client once, sorted: of structs with one clock the first one counts.
 *
 * By halves: structs of which each repeats ids of others would otherwise take time in proportion to their square.
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

/** All of the first spans, and what the rest holds beside them. Both are sorted and hold each clock once. */
function withRest<S>(first: readonly Span<S>[], rest: readonly Span<S>[]): Span<S>[] {
  const result: Span<S>[] = []
  let at = 0
  for (const { struct, from: begin, until } of rest) {
    let from = begin
    for (let one = first[at]; one !== undefined && one.from < until; one = first[at]) {
      if (from < one.from) result.push({ struct, from, until: one.from })
      from = Math.max(from, one.until)
      // It may cover the next one of the rest, too.
      if (one.until >= until) break
      result.push(one)
      at++
    }
    if (from < until) result.push({ struct, from, until })
  }
  for (; at < first.length; at++) result.push(first[at] as Span<S>)
  return result
}
