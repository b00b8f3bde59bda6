/**
 * Two writers with one client id. Yjs keeps the first content that it integrates for an id and
 * ignores later content with the same id. So a reader that applies the rows in order shows, at each
 * id, the struct of the first row that has the id. This module finds that row for each id of a
 * client, and from that the edits of this writer that all other clients do not see.
 *
 * The invariant: each struct that this writer made is either the one that every reader integrates
 * at its id, or it is sent again with a new id. The writer of a row decides, not its content: two
 * texts may have the same beginning, and deleted content cannot be compared.
 */
import * as Y from 'yjs'
import {
  type IdRanges,
  idRange,
  idsOfClient,
  intersectIds,
  isEmptyIds,
  noIds,
  subtractIds,
  unionIds,
} from '../protocol/id-ranges.ts'
import type { Struct } from '../protocol/update-decoding.ts'
import { type Claims, claimsOf, isSomething, type OwnEdits, type Source } from './claims.ts'
import { type Difference, differenceIn } from './struct-difference.ts'
import { idsOf } from './struct-ids.ts'

/** Edits of a client that others do not see, because the server has other edits with the same ids. */
export interface Hidden {
  readonly client: number
  /** All edits made here, from the first hidden one on. */
  readonly made: IdRanges
  /** The parts of these edits that others do see, because their ids were free. */
  readonly shown: IdRanges
}

/** The edits of one client that the rows contain. */
export interface Verdict {
  readonly client: number
  readonly shown: IdRanges
  readonly taken: IdRanges
  /** True if the server has other content with ids of this client than the document. */
  readonly isContradicted: boolean
  /** Null if everybody sees all edits of this writer, and nothing else in their place. */
  readonly hidden: Hidden | null
}

/** Clients for which the structs contradict the document. */
export function contradictedClients(doc: Y.Doc, structs: readonly Struct[]): Set<number> {
  const contradicted = structs.filter((struct) => differenceIn(doc, struct) !== null)
  return new Set(contradicted.map(({ id }) => id.client))
}

/**
 * Clients for which the structs contain content that was made here and has been deleted since.
 * Another writer may have made it under the same ids, and deleted content cannot be compared.
 */
export function clientsThatReturn(
  doc: Y.Doc,
  mine: IdRanges,
  structs: readonly Struct[],
): Set<number> {
  const returning = structs.filter((struct) => {
    if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) return false
    const { client } = struct.id
    if (!mine.clients.has(client)) return false
    const state = Y.getState(doc.store, client)
    const ids = intersectIds(idsOf(struct), idsOfClient(mine, client)).clients.get(client) ?? []
    return ids.some(
      ({ clock }) => clock < state && Y.getItem(doc.store, Y.createID(client, clock)).deleted,
    )
  })
  return new Set(returning.map(({ id }) => id.client))
}

/**
 * Compares what the rows show of a client with the document, and with what this writer made.
 * @param buried see {@link buriedEdits}
 */
export function judgeClient(
  doc: Y.Doc,
  client: number,
  sources: readonly Source[],
  own: OwnEdits,
  buried: IdRanges,
): Verdict {
  const known = {
    shown: idsOfClient(own.shown, client),
    taken: idsOfClient(own.taken, client),
    loaded: idsOfClient(own.loaded, client),
  }
  const claims = withoutBuried(claimsOf(client, sources, own, known), idsOfClient(buried, client))
  const { foreign, originals, unclear } = claims
  const isContradicted = foreign.some(
    ({ struct }) => differenceIn(doc, struct, idsOf(struct), originals) !== null,
  )
  if (!isContradicted && isEmptyIds(idsOfClient(buried, client))) {
    const { shown, taken } = claims
    return { client, shown: unionIds([shown, unclear]), taken, isContradicted: false, hidden: null }
  }
  return judgeContradicted(doc, client, claims, known.loaded)
}

const withoutBuried = (claims: Claims, buried: IdRanges): Claims => ({
  ...claims,
  shown: subtractIds(claims.shown, buried),
  taken: unionIds([claims.taken, buried]),
})

function judgeContradicted(doc: Y.Doc, client: number, claims: Claims, loaded: IdRanges): Verdict {
  const { foreign, unclear, edits } = claims
  const state = Y.getState(doc.store, client)
  const differing = foreign.flatMap(({ struct, got }) => differenceIn(doc, struct, got) ?? [])
  const folded = foldedOutcome(doc, claims)
  const shown = unionIds([claims.shown, folded.shown])
  const taken = unionIds([claims.taken, folded.hidden])
  // Of the loaded content, whatever equals the rows of other writers was made by them.
  const differingIds = unionIds(
    differing.map(({ clock, end }) => idRange(client, clock, end - clock)),
  )
  const same = subtractIds(subtractIds(taken, claims.mine), differingIds)
  const mine = unionIds([claims.mine, subtractIds(loaded, same)])
  const hidden = intersectIds(mine, intersectIds(taken, idRange(client, 0, state)))
  if (isEmptyIds(hidden) && differing.every(isInside(unclear))) {
    return { client, shown, taken, isContradicted: true, hidden: null }
  }
  const from = startOfEdit(hidden.clients.get(client)?.[0]?.clock ?? state, edits, client)
  const rest = idRange(client, from, state - from)
  return {
    client,
    shown,
    taken,
    isContradicted: true,
    hidden: {
      client,
      made: intersectIds(mine, rest),
      shown: intersectIds(shown, rest),
    },
  }
}

/**
 * The writers of folded rows are unknown. For these the content decides, one update at a time: an
 * update that differs is hidden up to its last difference. After that it is unknown whose content
 * is shown.
 */
function foldedOutcome(doc: Y.Doc, { unclear, foreign, edits }: Claims) {
  let [shown, hidden] = [unclear, noIds()]
  const units = edits.map((edit) => intersectIds(edit, unclear)).filter(isSomething)
  const rest = subtractIds(unclear, unionIds(units))
  const differencesAmong = (ids: IdRanges) =>
    foreign.flatMap(({ struct, got }) => differenceIn(doc, struct, intersectIds(got, ids)) ?? [])
  for (const unit of units) {
    const end = Math.max(0, ...differencesAmong(unit).map((difference) => difference.end))
    if (end === 0) continue
    shown = subtractIds(shown, unit)
    for (const client of unit.clients.keys()) {
      hidden = unionIds([hidden, intersectIds(unit, idRange(client, 0, end))])
    }
  }
  for (const client of rest.clients.keys()) {
    for (const { clock, end } of differencesAmong(rest)) {
      const part = intersectIds(rest, idRange(client, clock, end - clock))
      shown = subtractIds(shown, part)
      hidden = unionIds([hidden, part])
    }
  }
  return { shown, hidden }
}

const isInside =
  (ids: IdRanges) =>
  ({ clock, end }: Difference): boolean =>
    [...ids.clients.values()]
      .flat()
      .some((range) => range.clock <= clock && end <= range.clock + range.len)

/** Moves to the start of an edit: it is sent again as a whole, even if its beginning is equal. */
function startOfEdit(clock: number, edits: readonly IdRanges[], client: number): number {
  const ranges = edits.flatMap((ids) => ids.clients.get(client) ?? [])
  const holding = ranges.filter((range) => range.clock <= clock && clock < range.clock + range.len)
  return holding.reduce((from, range) => Math.min(from, range.clock), clock)
}
