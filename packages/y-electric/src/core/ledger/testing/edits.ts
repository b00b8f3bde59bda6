// The edits of the world of the ledger.
import * as Y from 'yjs'
import { mergeUpdates } from '../../../protocol/update-encoding.ts'

/**
 * Edits by name: `a`, `b` are made here, `t` in another tab, `r` elsewhere; another persistence of the
 * document loads `k`. Each is one letter.
 */
export const EDITS = ['a', 'b', 't', 'r', 'k'] as const
export type Edit = (typeof EDITS)[number]

/**
 * One update for each edit, each of its own client, so that a merged update shows which edits it
 * holds.
 */
export const UPDATES = Object.fromEntries(
  EDITS.map((edit, i) => {
    const doc = new Y.Doc()
    doc.clientID = i + 1
    doc.getText('t').insert(0, edit)
    return [edit, Y.encodeStateAsUpdate(doc)]
  }),
) as Record<Edit, Uint8Array>

const names = new Map<Uint8Array, readonly Edit[]>()

/** The edits that an update holds. */
export function editsIn(update: Uint8Array): readonly Edit[] {
  const known = names.get(update)
  if (known !== undefined) return known
  const clients = new Set(Y.decodeUpdate(update).structs.map(({ id }) => id.client))
  const edits = EDITS.filter((_, i) => clients.has(i + 1))
  names.set(update, edits)
  return edits
}

export const updateOf = (edits: readonly Edit[]): Uint8Array =>
  mergeUpdates(edits.map((edit) => UPDATES[edit]))
