/**
 * Judges a document in which another writer may have used the same client id. Rarely needed, and never
 * before a document has content: it is loaded on its own.
 */
import * as Y from 'yjs'
import { buriedEdits, livingIn, underGarbage } from '../../core/buried-edits.ts'
import { isVanished, NO_OWN_EDITS, sourcesOf } from '../../core/claims.ts'
import { movedWith } from '../../core/derived-client.ts'
import type { OwnEditsLog } from '../../core/own-edits.ts'
import { structsOf } from '../../core/readable.ts'
import { missingOnServer } from '../../core/reconcile.ts'
import { docOf } from '../../core/shown-doc.ts'
import {
  clientsThatReturn,
  contradictedClients,
  type Hidden,
  judgeClient,
  type Verdict,
} from '../../core/twin.ts'
import { restoreWronglyDeleted } from '../../core/wrong-deletes.ts'
import { ElectricProviderError } from '../../errors.ts'
import { intersectIds, noIds, subtractIds, unionIds } from '../../protocol/id-ranges.ts'
import { type NewIds, rekeyUpdate, renumbered } from '../../protocol/rekey.ts'
import type { State } from '../../protocol/state-frames.ts'
import { decodeOwnUpdate, type Struct } from '../../protocol/update-decoding.ts'
import { encodeStructs, mergeUpdates } from '../../protocol/update-encoding.ts'

/**
 * The document as the server has it, plus the edits that were hidden there, with new ids. The app's Y.Doc
 * cannot reach this content, since Yjs cannot take back what it has applied.
 */
export interface Parted {
  readonly doc: Y.Doc
  /** Takes an edit made in the app's Y.Doc. @returns the edit to send */
  readonly edit: (update: Uint8Array) => Uint8Array
  /** The edits that the server lacks; null if it lacks none. */
  readonly missing: Uint8Array | null
  readonly error: ElectricProviderError
}

/** The document and the edits that are compared with state. */
export interface Case {
  readonly doc: Y.Doc
  readonly own: OwnEditsLog
  readonly state: State
  /** Every client whose edits are sent from here. */
  readonly owners: ReadonlySet<number>
  readonly unacked: readonly Uint8Array[]
  readonly freshId: () => number
}

/**
 * Clients of which an update from elsewhere may show other content than the document.
 * @param isApplied true if the document already contains the update
 */
export function suspectsIn(
  doc: Y.Doc,
  own: OwnEditsLog,
  structs: readonly Struct[],
  isApplied: boolean,
): Set<number> {
  const { unseen, unseenAlive } = own
  const under = underGarbage(unseenAlive, structs)
  const covered = isApplied ? under : livingIn(doc, under)
  own.coveredBy(covered)
  // Under a deleted edit, such structs hide what was written after it.
  const vanished = underGarbage(unseen, structs.filter(isVanished)).clients.keys()
  return new Set([
    ...contradictedClients(doc, structs),
    ...clientsThatReturn(doc, own.mine, structs),
    ...covered.clients.keys(),
    ...[...vanished].filter((client) => unseenAlive.clients.has(client)),
  ])
}

/** Compares state with the document, for each of these clients. */
export function judge(one: Case, clients: readonly number[]): Verdict[] {
  const { doc, own, state, owners, unacked } = one
  const sources = sourcesOf(state, (seq, update) => own.isOwnRow(seq, update, unacked))
  const edits = own.edits(unacked)
  const owned = clients.filter((client) => owners.has(client))
  const compared = { doc, state, sources, own: edits, originals: originalsOf(one) }
  const buried = buriedEdits(compared, owned)
  return clients.map((client) =>
    judgeClient(doc, client, sources, owners.has(client) ? edits : NO_OWN_EDITS, buried),
  )
}

/** Parts the document from its Y.Doc, in which some edits are hidden from everybody else. */
export function part(one: Case, verdicts: readonly Verdict[]): Parted {
  const { doc, own: log, state, owners, unacked, freshId } = one
  const hidden = verdicts.flatMap((verdict) => verdict.hidden ?? [])
  // Other clients with hidden edits send these edits themselves.
  const own = hidden.filter(({ client }) => owners.has(client))
  const renaming = new Map(
    own.map(({ client, made, shown }): [number, NewIds[]] => {
      const fresh = freshId()
      const moved = intersectIds(made, shown)
      const unseen = subtractIds(made, moved)
      return [
        client,
        [
          ...renumbered(unseen.clients.get(client) ?? [], fresh),
          ...renumbered(moved.clients.get(client) ?? [], movedWith(fresh)),
        ],
      ]
    }),
  )
  const there = docOf(state, doc.gc)
  const isOwn = (seq: number, update: Uint8Array) => log.isOwnRow(seq, update, unacked)
  const replaced = unionIds(verdicts.map(({ taken }) => intersectIds(taken, log.mine)))
  const restored = restoreWronglyDeleted(there, state, isOwn, replaced)
  if (restored !== null) Y.applyUpdate(there, restored)
  Y.applyUpdate(there, rekeyUpdate(ownContent(there, one, verdicts), renaming))
  // Without this, parts that others already see would be in the document twice.
  for (const { shown } of own) Y.applyUpdate(there, encodeStructs([], shown))
  const missing = missingOnServer(there, state, [])
  const edit = (update: Uint8Array) => {
    const renamed = rekeyUpdate(update, renaming)
    Y.applyUpdate(there, renamed)
    return renamed
  }
  return { doc: there, edit, missing, error: partedError(hidden) }
}

/** The updates that this writer sent or sends, as they were written. */
function originalsOf({ own, state, unacked }: Case): Uint8Array[] {
  const ownRows = state.rows.filter(({ seq, data }) => own.isOwnRow(seq, data, unacked))
  return [...ownRows.map(({ data }) => data), ...own.edits(unacked).updates]
}

/**
 * The document, with the hidden edits as they were made: what other writers deleted under the same ids was
 * other content.
 */
function ownContent(there: Y.Doc, one: Case, verdicts: readonly Verdict[]): Uint8Array {
  const { doc, own } = one
  const updates = originalsOf(one)
  const hidden = unionIds(verdicts.map(({ taken }) => taken))
  const shown = unionIds(verdicts.map((verdict) => verdict.shown))
  const whole = decodeOwnUpdate(Y.encodeStateAsUpdate(doc))
  const deletes = unionIds([
    subtractIds(whole.deletes, own.notDeletedHere(hidden, updates)),
    // Deletes of edits that others see may not have arrived here yet.
    intersectIds(Y.createDeleteSetFromStructStore(there.store), shown),
  ])
  return mergeUpdates([
    ...updates.map((update) => encodeStructs(structsOf(update), noIds())),
    encodeStructs(whole.structs, deletes),
  ])
}

const partedError = (hidden: readonly Hidden[]): ElectricProviderError =>
  new ElectricProviderError(
    'client_id_conflict',
    `another writer used the client id ${hidden.map(({ client }) => client).join(', ')} of this document, ` +
      'which therefore differs from the document on the server. The edits made here are sent again with new ids; ' +
      'to show what the server has, open a new Y.Doc (reload the page). Never set doc.clientID to a ' +
      'value that two writers can have',
  )
