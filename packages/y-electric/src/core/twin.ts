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
import type { State } from '../protocol/state-frames.ts'
import { fromV2, type Struct } from '../protocol/update-decoding.ts'
import { structsOf } from './readable.ts'
import { type Difference, differenceIn } from './struct-difference.ts'
import { idsOf } from './struct-ids.ts'

/** The structs of one row, or of the snapshot row. */
export interface Source {
  readonly structs: readonly Struct[]
  /** True for a row that was sent from here; null for the snapshot row, which holds rows of all writers. */
  readonly isOwn: boolean | null
}

/** The known facts about the edits of this writer. */
export interface OwnEdits {
  readonly mine: IdRanges
  /**
   * Content that the device store or the app had. Another writer may have made it, but this client
   * may be the only one that has it.
   */
  readonly loaded: IdRanges
  /** Ids at which everybody else sees the edits of this writer. */
  readonly shown: IdRanges
  /** Ids at which everybody sees the edits of another writer. */
  readonly taken: IdRanges
  /** Updates of this writer that may not be among the rows. */
  readonly updates: readonly Uint8Array[]
}

export const NO_OWN_EDITS: OwnEdits = {
  mine: noIds(),
  loaded: noIds(),
  shown: noIds(),
  taken: noIds(),
  updates: [],
}

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
 * The state as a list of sources, in the order in which readers integrate them.
 * @param isOwn whether a row was sent from here
 */
export function sourcesOf(
  { snapshot, rows }: State,
  isOwn: (seq: number, update: Uint8Array) => boolean,
): Source[] {
  const folded = snapshot?.data
    ? [{ structs: [...fromV2(snapshot.data).structs], isOwn: null }]
    : []
  const inOrder = [...rows].sort((a, b) => a.seq - b.seq)
  return [
    ...folded,
    ...inOrder.map(({ seq, data }) => ({ structs: structsOf(data), isOwn: isOwn(seq, data) })),
  ]
}

/** Compares what the rows show of a client with the document, and with what this writer made. */
export function judgeClient(
  doc: Y.Doc,
  client: number,
  sources: readonly Source[],
  own: OwnEdits,
): Verdict {
  const known = {
    shown: idsOfClient(own.shown, client),
    taken: idsOfClient(own.taken, client),
    loaded: idsOfClient(own.loaded, client),
  }
  const claims = claimsOf(client, sources, own, known)
  const { foreign, originals, unclear } = claims
  const contradictions = foreign.flatMap(
    ({ struct }) => differenceIn(doc, struct, idsOf(struct), originals) ?? [],
  )
  if (contradictions.length === 0) {
    const { shown, taken } = claims
    return { client, shown: unionIds([shown, unclear]), taken, isContradicted: false, hidden: null }
  }
  return judgeContradicted(doc, client, claims, known.loaded)
}

/**
 * A struct of another writer, or of an unknown writer in the snapshot row, and the ids that it won.
 */
interface Foreign {
  readonly struct: Struct
  readonly got: IdRanges
}

interface Claims {
  readonly mine: IdRanges
  readonly shown: IdRanges
  readonly taken: IdRanges
  /** Folded ids of this writer for which it is unknown whether others see its content. */
  readonly unclear: IdRanges
  readonly foreign: readonly Foreign[]
  /** The edits of this writer before any of them was deleted. */
  readonly originals: readonly Struct[]
  /** The ids of each update of this writer. */
  readonly edits: readonly IdRanges[]
}

/** The first source that has an id provides the content for that id. */
function claimsOf(
  client: number,
  sources: readonly Source[],
  own: OwnEdits,
  known: Pick<OwnEdits, 'shown' | 'taken' | 'loaded'>,
): Claims {
  const ofClient = (structs: readonly Struct[]) =>
    structs.filter((struct) => struct.id.client === client && !(struct instanceof Y.Skip))
  const originals = own.updates.map((update) => ofClient(structsOf(update)))
  for (const { structs, isOwn } of sources) if (isOwn) originals.push(ofClient(structs))
  const edits = originals.map((structs) => unionIds(structs.map(idsOf))).filter(isSomething)
  const mine = unionIds([idsOfClient(own.mine, client), ...edits])

  let [claimed, shown, taken, unclear] = [noIds(), noIds(), noIds(), noIds()]
  const foreign: Foreign[] = []
  for (const { structs, isOwn } of sources) {
    for (const struct of ofClient(structs)) {
      const got = subtractIds(idsOf(struct), claimed)
      claimed = unionIds([claimed, got])
      if (isOwn === true) shown = unionIds([shown, got])
      else foreign.push({ struct, got })
      if (isOwn === false) taken = unionIds([taken, got])
      if (isOwn !== null) continue
      const ours = intersectIds(got, known.shown)
      const unknown = subtractIds(intersectIds(subtractIds(got, ours), mine), known.taken)
      shown = unionIds([shown, ours])
      unclear = unionIds([unclear, unknown])
      taken = unionIds([taken, subtractIds(got, unionIds([ours, unknown]))])
    }
  }
  return { mine, shown, taken, unclear, foreign, originals: originals.flat(), edits }
}

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

const isSomething = (ids: IdRanges): boolean => !isEmptyIds(ids)

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
