// The actors of a schedule on a real Postgres: writers, rolls, folds of every kind, and joiners.
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { foldToSnapshot, type State } from 'y-electric/protocol'
import * as Y from 'yjs'
import { type Api, createApi, createWriter } from '../api.ts'
import { contains, type Judge, RuleBroken } from './judge.ts'
import { Crashed, type Performer, type Stage } from './stage.ts'

export interface Play {
  readonly stage: Stage
  readonly judge: Judge
  readonly docId: string
}

/** No client follows here. The server gets this answer when it prepares the shape of the next segment. */
const shapes = { url: 'http://shapes.none', fetch: async () => new Response(null, { status: 204 }) }

const apiOf = ({ pool }: Performer): Api => createApi({ pool, shapes }, { onError: () => {} })

/** Adds a writer of two edits, posted in any order. The second edit depends on the first. */
export function addWriter({ stage, judge, docId }: Play, name: string): void {
  const writer = createWriter()
  for (const [i, update] of [writer.type('a'), writer.type('b')].entries()) {
    const batchId = randomUUID()
    stage.add(`${name}.${i}`, true, async ({ pool }) => {
      for (;;) {
        try {
          await append(pool, docId, batchId, update)
          judge.acked(update, batchId)
          // The writer did not receive its ack, and retries.
          await append(pool, docId, batchId, update)
          return
        } catch (error) {
          if (!(error instanceof Crashed) && !isUnavailable(error)) throw error
        }
      }
    })
  }
}

/** Runs the store's one statement, with a separate step before its commit. */
async function append(
  pool: pg.Pool,
  docId: string,
  batchId: string,
  update: Uint8Array,
): Promise<void> {
  const client = await pool.connect()
  await client.query('BEGIN')
  await client.query('SELECT row_seq, created FROM ydoc_append($1, $2, $3)', [
    docId,
    batchId,
    Buffer.from(update),
  ])
  await client.query('COMMIT')
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof Error && /Connection terminated|not queryable/.test(error.message)

export function addRoller({ stage, docId }: Play, name: string): void {
  stage.add(name, true, async (performer) => {
    const api = apiOf(performer)
    for (let active = 0; active < 3; active++) await api.roll(docId, active)
  })
}

/** Adds a roll with a separate step before its commit. */
export function addSlowRoller({ stage, docId }: Play, name: string): void {
  stage.add(name, true, async ({ pool }) => {
    const client = await pool.connect()
    await client.query('BEGIN').catch(() => {})
    await client.query('SELECT ydoc_roll($1, 0)', [docId]).catch(() => {})
    await client.query('COMMIT').catch(() => {})
  })
}

export type Proposer = 'honest' | 'erasing' | 'newest-only' | 'live'

export function addFolder({ stage, docId }: Play, name: string, proposer: Proposer): void {
  stage.add(name, true, async (performer) => {
    const api = apiOf(performer)
    for (let attempt = 0; attempt < 14; attempt++) {
      const state = await api.state(docId).catch(() => null)
      const through = (state?.activeSegment ?? 0) - 1
      if (state === null || through <= (state.snapshot?.throughSegment ?? -1)) continue
      await api.fold(docId, through, proposalOf(proposer, state, through))
      // Verifying a hostile proposal needs a worker, so such a folder tries only once.
      if (proposer !== 'honest') return
    }
  })
}

function proposalOf(proposer: Proposer, { snapshot, rows }: State, through: number): Uint8Array {
  const previous = snapshot?.data ?? null
  const sealed = rows.filter(({ segment }) => segment <= through)
  if (proposer === 'honest') return foldToSnapshot({ previous, rows: sealed }, true)
  if (proposer === 'newest-only') {
    const newest = sealed.filter(({ segment }) => segment === through)
    return foldToSnapshot({ previous: null, rows: newest }, true)
  }
  const doc = new Y.Doc({ guid: 'actor' })
  Y.applyUpdateV2(doc, foldToSnapshot({ previous, rows }, true))
  if (proposer === 'erasing') doc.getText('text').delete(0, doc.getText('text').length)
  else doc.getText('text').insert(0, 'not acked')
  return Y.encodeStateAsUpdateV2(doc)
}

/** Adds a joiner, which must have everything that was acked before its request. */
export function addJoiner({ stage, judge, docId }: Play, name: string): void {
  stage.add(name, false, async (performer) => {
    const api = apiOf(performer)
    for (let i = 0; i < 4; i++) {
      const promised = [...judge.promised()]
      const { snapshot, rows } = await api.state(docId)
      const doc = new Y.Doc({ guid: 'actor' })
      if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
      const stored = rows.map(({ data }) => Buffer.from(data).toString('base64'))
      for (const update of promised) {
        const isRow = stored.includes(Buffer.from(update).toString('base64'))
        if (!isRow && !contains(doc, update)) throw new RuleBroken('a joiner was not complete')
      }
      doc.destroy()
    }
  })
}

/** Posts a proposal that was made before. */
export function addProposal(
  { stage, docId }: Play,
  name: string,
  through: number,
  data: Uint8Array,
): void {
  stage.add(name, false, async (performer) => {
    await apiOf(performer).fold(docId, through, data)
  })
}
