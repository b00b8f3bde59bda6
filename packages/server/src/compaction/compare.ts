import * as Y from 'yjs'
import { describeLiving, describePlace } from '../content/describe.ts'

type Struct = Y.Item | Y.GC

/** The document that the stored rows produce: with everything kept, and with garbage collected as Yjs does it. */
export interface Expected {
  readonly full: Y.Doc
  readonly collected: Y.Doc
}

/**
 * Describes how a proposed document differs from the document of the stored rows, or returns null when it
 * is the same (FOLD-1): the same state vector, the same delete set, and for every single id the same content
 * in the same position. Containment is not enough: a document with all text deleted and collected contains
 * every row, and so does one with other letters under the same clocks.
 *
 * Deleted content may be collected or not, but only as Yjs itself collects it: if a tombstone were
 * replaced by plain garbage, later edits next to it would vanish.
 */
export function findDifference(expected: Expected, proposed: Y.Doc): string | null {
  const clients = new Set([...expected.full.store.clients.keys(), ...proposed.store.clients.keys()])
  for (const client of [...clients].sort((a, b) => a - b)) {
    const difference = compareClient(client, {
      full: expected.full.store.clients.get(client) ?? [],
      collected: expected.collected.store.clients.get(client) ?? [],
      proposed: proposed.store.clients.get(client) ?? [],
    })
    if (difference !== null) return difference
  }
  return null
}

interface Lists {
  readonly full: readonly Struct[]
  readonly collected: readonly Struct[]
  readonly proposed: readonly Struct[]
}

/** Walks the three lists of one client in step, each time up to the end of the shortest struct. */
function compareClient(client: number, { full, collected, proposed }: Lists): string | null {
  let clock = 0
  let [f, c, p] = [0, 0, 0]
  for (;;) {
    const [a, b, it] = [full[f], collected[c], proposed[p]]
    if (it === undefined && a === undefined) return null
    if (it === undefined) return `${client}:${clock} is missing`
    if (a === undefined || b === undefined) return `${client}:${clock} is in no row`
    const end = Math.min(endOf(a), endOf(b), endOf(it))
    const problem = compareSlice(a, b, it, clock, end)
    if (problem !== null) return `${client}:${clock} ${problem}`
    if (endOf(a) === end) f++
    if (endOf(b) === end) c++
    if (endOf(it) === end) p++
    clock = end
  }
}

const endOf = (struct: Struct): number => struct.id.clock + struct.length

function compareSlice(
  full: Struct,
  collected: Struct,
  proposed: Struct,
  from: number,
  to: number,
): string | null {
  if (proposed.deleted !== full.deleted) {
    return proposed.deleted
      ? 'is deleted, but no row deletes it'
      : 'is deleted by a row, but not here'
  }
  if (!(proposed instanceof Y.Item)) {
    return collected instanceof Y.Item ? 'is collected, but still has a place' : null
  }
  if (!(full instanceof Y.Item)) return 'has a place, but was collected before'

  const place = describePlace(proposed, from)
  const expectedPlace = describePlace(full, from)
  if (place !== expectedPlace) return `stands ${place}, not ${expectedPlace}`
  // A tombstone only says that the item is deleted, which is true.
  if (proposed.content instanceof Y.ContentDeleted) return null

  const content = describeLiving(proposed, from, to)
  const expectedContent = describeLiving(full, from, to)
  return content === expectedContent ? null : `holds ${content}, not ${expectedContent}`
}
