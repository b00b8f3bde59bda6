// Creates documents in every state that a route has to handle.
import { decodeState, foldToSnapshot } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId, type TestServer } from '../e2e/server.ts'
import { getState } from '../server/api.ts'
import { type About, foldOf, RIGHT, type Sending, send } from './requests.ts'

/** Options of a server that rolls at every request. */
export const ROLLS_AT_ONCE = { minRollRows: 1 }

async function must(url: string, sending: Sending): Promise<unknown> {
  const response = await send(url, sending)
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
 * `seq` belongs to the snapshot row of the fold.
 */
export async function writtenDocument(
  { url }: Pick<TestServer, 'url'>,
  name = 'written',
): Promise<About> {
  const docId = freshDocId(name)
  await must(url, right('seedDocument', { docId }))
  const add = async (text: string) => {
    const doc = new Y.Doc()
    doc.getText('notes').insert(0, text)
    const body = Y.encodeStateAsUpdate(doc)
    await must(url, { ...right('appendUpdate', { docId }), body })
  }
  const roll = (active: number) =>
    must(url, { ...right('rollSegment', { docId }), body: JSON.stringify({ active }) })
  await add('one ')
  await roll(0)
  await add('two ')
  await roll(1)
  await add('three ')
  await must(url, right('putAwareness', { docId }))
  const folded = await must(url, foldOf(docId, 0, await proposal(url, docId, 0)))
  const { seq } = folded as { seq: number }
  return { docId, seq, proposal: await proposal(url, docId, 1) }
}

/** The proposal of an honest compactor. */
export async function proposal(url: string, docId: string, through: number): Promise<Uint8Array> {
  const answer = await getState({ url }, docId)
  const { snapshot, rows } = decodeState(new Uint8Array(await answer.arrayBuffer()))
  const sealed = rows.filter(({ segment }) => segment <= through)
  return foldToSnapshot({ previous: snapshot?.data ?? null, rows: sealed }, true)
}

export async function deletedDocument(server: Pick<TestServer, 'url'>): Promise<About> {
  const about = await writtenDocument(server, 'deleted')
  await must(server.url, right('deleteDocument', about))
  return about
}

/** A document with several roots, so a request must name one. */
export async function ambiguousDocument({ url }: Pick<TestServer, 'url'>): Promise<About> {
  const docId = freshDocId('ambiguous')
  const doc = new Y.Doc()
  for (const root of ['a', 'b']) doc.getText(root).insert(0, root)
  const body = Y.encodeStateAsUpdate(doc)
  await must(url, { ...right('appendUpdate', { docId }), body })
  return { docId, seq: 0 }
}

/** A document whose newest snapshot row is damaged. */
export async function corruptDocument(server: Pick<TestServer, 'url' | 'pool'>): Promise<About> {
  const about = await writtenDocument(server, 'corrupt')
  await server.pool.query(
    `UPDATE ydoc_snapshot SET data = substring(data FROM 1 FOR length(data) / 2)
     WHERE doc_id = $1`,
    [about.docId],
  )
  return about
}
