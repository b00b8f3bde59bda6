import type { WriterInfo } from '@y-electric/server'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { fetchWriters } from '../inspector/api.ts'
import { personIn } from '../people/people.ts'
import { tidyName } from '../people/person.ts'

/** The most writers whose names this device remembers for a document. */
const MOST = 300

const keyOf = (docId: string): string => `y-electric:writers:${docId}`

/** The names of those who were present while this device had the document open, by Yjs client id. */
export function knownWriters(docId: string): ReadonlyMap<number, string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(docId)) ?? '[]')
    if (!Array.isArray(stored)) return new Map()
    return new Map(
      stored.filter(
        (entry): entry is [number, string] =>
          Array.isArray(entry) && typeof entry[0] === 'number' && typeof entry[1] === 'string',
      ),
    )
  } catch {
    return new Map()
  }
}

/** Remembers the names of everybody present, so that they stay known when they have left. */
export function rememberWriters(docId: string, awareness: Awareness): () => void {
  const remember = () => {
    const known = knownWriters(docId)
    const now = [...awareness.getStates()].map(
      ([client, state]) => [client, personIn(state, client).name] as const,
    )
    if (now.every(([client, name]) => known.get(client) === name)) return
    const all = new Map([...known, ...now])
    try {
      localStorage.setItem(keyOf(docId), JSON.stringify([...all].slice(-MOST)))
    } catch {
      // Storage is full or forbidden: the names are unknown after they have left.
    }
  }
  remember()
  awareness.on('change', remember)
  return () => awareness.off('change', remember)
}

/** The names of writers by Yjs client id, and whether the server checked all of those that it has. */
export interface WriterNames {
  readonly names: ReadonlyMap<number, string>
  readonly areChecked: boolean
}

/** The names that the server keeps, and those of people who were seen here. Offline, only the latter. */
export async function readNames(docId: string, signal: AbortSignal): Promise<WriterNames> {
  const kept = await fetchWriters(docId, signal).catch(() => [])
  return namesAmong(kept, knownWriters(docId))
}

/** The name that the server keeps comes before the one that was seen. A user without a name is called as the server does. */
export function namesAmong(
  kept: readonly WriterInfo[],
  seen: ReadonlyMap<number, string>,
): WriterNames {
  const named = kept.flatMap(({ clientId, name, user }) => {
    const shown = tidyName(name ?? user ?? '')
    return shown === '' ? [] : [[clientId, shown] as const]
  })
  return {
    names: new Map([...seen, ...named]),
    areChecked: kept.every(({ name, trusted }) => trusted || name === null),
  }
}

/** The Yjs clients that wrote something in a document after an older state of it. */
export function clientsSince(doc: Y.Doc, older: Uint8Array): number[] {
  const before = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(older))
  return [...Y.decodeStateVector(Y.encodeStateVector(doc))]
    .filter(([client, clock]) => clock > (before.get(client) ?? 0))
    .map(([client]) => client)
}

/** The writers as a list of names; those without a known name are counted. */
export function namesOf(clients: readonly number[], known: ReadonlyMap<number, string>): string[] {
  const names = clients.map((client) => known.get(client))
  const unknown = names.filter((name) => name === undefined).length
  const different = [...new Set(names.filter((name) => name !== undefined))]
  if (unknown === 0) return different
  return [...different, unknown === 1 ? 'somebody else' : `${unknown} others`]
}
