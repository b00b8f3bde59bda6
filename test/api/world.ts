// Creates documents in every state that a route has to handle.
import { decodeState, foldToSnapshot } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId, type TestServer } from '../e2e/server.ts'
import { type About, foldOf, handle, RIGHT, type Sending } from './requests.ts'

type Served = Pick<TestServer, 'url' | 'handle'>

/** Options of a server that rolls at every request. */
export const ROLLS_AT_ONCE = { minRollRows: 1 }

/** Preparing a stage is not what a test is about, so it goes without HTTP. */
async function must(server: Served, sending: Sending): Promise<unknown> {
  const response = await handle(server, sending)
  const text = await response.text()
  if (!response.ok) throw new Error(`${sending.method} ${sending.path}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

const right = (name: string, about: Partial<About>): Sending => {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request ${name}`)
  return make({ docId: '', seq: 0, ...about })
}

/**
 * A document whose segment 0 is folded, whose segment 1 is sealed, and whose segment 2 takes writes.
 * `seq` belongs to the snapshot row of the fold. It has one file: `PICTURE`.
 */
export async function writtenDocument(server: Served, name = 'written'): Promise<About> {
  const docId = freshDocId(name)
  await must(server, right('seedDocument', { docId }))
  const add = async (text: string) => {
    const doc = new Y.Doc({ guid: 'world' })
    doc.getText('notes').insert(0, text)
    const body = Y.encodeStateAsUpdate(doc)
    await must(server, { ...right('appendUpdate', { docId }), body })
  }
  const roll = (active: number) =>
    must(server, { ...right('rollSegment', { docId }), body: JSON.stringify({ active }) })
  await add('one ')
  await roll(0)
  await add('two ')
  await roll(1)
  await add('three ')
  await must(server, right('putAwareness', { docId }))
  await must(server, right('storeFile', { docId }))
  const folded = await must(server, foldOf(docId, 0, await proposal(server, docId, 0)))
  const { seq } = folded as { seq: number }
  return { docId, seq, proposal: await proposal(server, docId, 1) }
}

/** The proposal of an honest compactor. */
export async function proposal(
  server: Served,
  docId: string,
  through: number,
): Promise<Uint8Array> {
  const answer = await handle(server, right('readState', { docId }))
  const { snapshot, rows } = decodeState(new Uint8Array(await answer.arrayBuffer()))
  const sealed = rows.filter(({ segment }) => segment <= through)
  return foldToSnapshot({ previous: snapshot?.data ?? null, rows: sealed }, true)
}

export async function deletedDocument(server: Served): Promise<About> {
  const about = await writtenDocument(server, 'deleted')
  await must(server, right('deleteDocument', about))
  return about
}

/** A document whose content is unclear without a root. */
export async function ambiguousDocument(server: Served): Promise<About> {
  const docId = freshDocId('ambiguous')
  const doc = new Y.Doc()
  for (const root of ['a', 'b']) doc.getText(root).insert(0, root)
  const body = Y.encodeStateAsUpdate(doc)
  await must(server, { ...right('appendUpdate', { docId }), body })
  return { docId, seq: 0 }
}

/** A document whose newest snapshot row is not what was written. */
export async function corruptDocument(server: Served & Pick<TestServer, 'pool'>): Promise<About> {
  const about = await writtenDocument(server, 'corrupt')
  await server.pool.query(
    `UPDATE ydoc_snapshot SET data = substring(data FROM 1 FOR length(data) / 2)
     WHERE doc_id = $1`,
    [about.docId],
  )
  return about
}
