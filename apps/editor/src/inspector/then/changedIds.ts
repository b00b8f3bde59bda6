import { type DecodedUpdate, readRow } from 'y-electric/protocol'
import * as Y from 'yjs'

/** A run of the ids of one client: a letter, a value and a mark are one each. */
interface Run {
  readonly clock: number
  readonly length: number
}

/** The ids that a row adds, and those that it deletes, by Yjs client. */
export interface ChangedIds {
  readonly added: ReadonlyMap<number, readonly Run[]>
  readonly removed: ReadonlyMap<number, readonly Run[]>
}

export const NOTHING_CHANGED: ChangedIds = { added: new Map(), removed: new Map() }

/** Reads the ids of a row. A bad row changes nothing, since every client leaves it out. */
export function changedIdsOf(data: Uint8Array): ChangedIds {
  let decoded: DecodedUpdate
  try {
    decoded = readRow(data)
  } catch {
    return NOTHING_CHANGED
  }
  const added = new Map<number, Run[]>()
  for (const struct of decoded.structs) {
    if (!(struct instanceof Y.Item)) continue
    const { id, length } = struct
    const runs = added.get(id.client) ?? []
    runs.push({ clock: id.clock, length })
    added.set(id.client, runs)
  }
  const removed = new Map(
    [...decoded.deletes.clients].map(([client, ranges]) => [
      client,
      ranges.map(({ clock, len }) => ({ clock, length: len })),
    ]),
  )
  return { added, removed }
}

/** A part of a range, and whether the runs hold it. */
export interface Part {
  readonly from: number
  readonly to: number
  readonly isIn: boolean
}

/** Cuts a range of ids at the ends of runs. The places are relative to the range. */
export function partsOf(runs: readonly Run[] | undefined, clock: number, length: number): Part[] {
  const end = clock + length
  // As nearly all of a document: a row changes little of it.
  const isTouched = runs?.some((run) => run.clock < end && clock < run.clock + run.length)
  if (!isTouched) return [{ from: 0, to: length, isIn: false }]
  const inside = (runs ?? [])
    .map((run) => ({
      from: Math.max(clock, run.clock),
      to: Math.min(end, run.clock + run.length),
    }))
    .filter(({ from, to }) => from < to)
    .sort((one, other) => one.from - other.from)
  const parts: Part[] = []
  let at = clock
  const add = (to: number, isIn: boolean) => {
    if (to <= at) return
    const last = parts.at(-1)
    if (last?.isIn === isIn) parts[parts.length - 1] = { ...last, to: to - clock }
    else parts.push({ from: at - clock, to: to - clock, isIn })
    at = to
  }
  for (const { from, to } of inside) {
    add(from, false)
    add(to, true)
  }
  add(end, false)
  return parts
}

/** Whether the runs hold an id. */
export const holds = (runs: readonly Run[] | undefined, clock: number): boolean =>
  runs?.some((run) => run.clock <= clock && clock < run.clock + run.length) ?? false
