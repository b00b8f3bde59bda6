/** Which writer's row gives the content of each id of a client. */
import * as Y from 'yjs'
import {
  type IdRanges,
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
  /** Content of this writer that was alive when somebody's garbage with the same ids came. */
  readonly covered: IdRanges
  /** Updates of this writer that may not be among the rows. */
  readonly updates: readonly Uint8Array[]
}

export const NO_OWN_EDITS: OwnEdits = {
  mine: noIds(),
  loaded: noIds(),
  shown: noIds(),
  taken: noIds(),
  covered: noIds(),
  updates: [],
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

/** Garbage without a place in the document: Yjs makes the same of everything that builds on it. */
export const isVanished = (struct: Struct): boolean => struct instanceof Y.GC

/** Content that was deleted and whose bytes are gone. */
export const isGarbage = (struct: Struct): boolean =>
  isVanished(struct) || (struct instanceof Y.Item && struct.content instanceof Y.ContentDeleted)

/**
 * A struct of another writer, or of an unknown writer in the snapshot row, and the ids that it won.
 */
export interface Foreign {
  readonly struct: Struct
  readonly got: IdRanges
}

export interface Claims {
  readonly mine: IdRanges
  readonly shown: IdRanges
  readonly taken: IdRanges
  /** Ids of this writer at which everybody sees garbage that another writer sent. */
  readonly covered: IdRanges
  /** Those of `covered` at which the garbage has no place in the document, see {@link isVanished}. */
  readonly vanished: IdRanges
  /** Folded ids of this writer for which it is unknown whether others see its content. */
  readonly unclear: IdRanges
  readonly foreign: readonly Foreign[]
  /** The edits of this writer before any of them was deleted. */
  readonly originals: readonly Struct[]
  /** The ids of each update of this writer. */
  readonly edits: readonly IdRanges[]
}

/** The first source that has an id provides the content for that id. */
export function claimsOf(
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
  let [covered, vanished] = [noIds(), noIds()]
  const foreign: Foreign[] = []
  for (const { structs, isOwn } of sources) {
    for (const struct of ofClient(structs)) {
      const got = subtractIds(idsOf(struct), claimed)
      claimed = unionIds([claimed, got])
      if (isOwn === true) shown = unionIds([shown, got])
      else foreign.push({ struct, got })
      if (isOwn === false) taken = unionIds([taken, got])
      if (isOwn === false && isGarbage(struct)) {
        const ids = intersectIds(got, mine)
        covered = unionIds([covered, ids])
        if (isVanished(struct)) vanished = unionIds([vanished, ids])
      }
      if (isOwn !== null) continue
      const ours = intersectIds(got, known.shown)
      const unknown = subtractIds(intersectIds(subtractIds(got, ours), mine), known.taken)
      shown = unionIds([shown, ours])
      unclear = unionIds([unclear, unknown])
      taken = unionIds([taken, subtractIds(got, unionIds([ours, unknown]))])
    }
  }
  const written = originals.flat()
  return { mine, shown, taken, covered, vanished, unclear, foreign, originals: written, edits }
}

export const isSomething = (ids: IdRanges): boolean => !isEmptyIds(ids)
