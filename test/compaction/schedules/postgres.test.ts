// Runs the schedules of the model on a native Postgres, with several connections and the real SQL of the
// store, statement by statement. Each planted fault is caught.
import { connectPostgres, type Database } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { foldToSnapshot } from 'y-electric/protocol'
import { freshDocId } from '../../e2e/server.ts'
import { isDeep } from '../../harness/deep.ts'
import { createDatabase, type TestDatabaseUrl } from '../../harness/postgres.ts'
import { seededRandom } from '../../harness/random.ts'
import { createApi, createWriter, honestProposal } from '../api.ts'
import {
  addFolder,
  addJoiner,
  addProposal,
  addRoller,
  addSlowRoller,
  addWriter,
  type Play,
} from './cast.ts'
import { Judge, RuleBroken } from './judge.ts'
import { Connections, Stage, type Tamper } from './stage.ts'

const SEED = Number(process.env.Y_ELECTRIC_SEED ?? 1)
const describeDeep: (name: string, tests: () => void) => void = isDeep ? describe : () => {}

/** A separate database for each `describe`, so that planted faults stay inside. */
function useDatabase() {
  let created: TestDatabaseUrl | undefined
  let database: Database | undefined
  let connections: Connections | undefined
  beforeAll(async () => {
    created = await createDatabase(inject('databaseUrl'))
    database = await connectPostgres({ connectionString: created.url })
    await migrate(database.pool)
    connections = new Connections(created.url)
  })
  afterAll(async () => {
    await connections?.close()
    await database?.close()
    await created?.drop()
  })
  return () => {
    if (connections === undefined || database === undefined) throw new Error('no database')
    return { connections, pool: database.pool }
  }
}

interface Schedule {
  readonly seed: number
  readonly tamper?: Tamper | undefined
  readonly crashes?: number
  /** Adds hostile proposals. Verifying each needs a worker, and planted faults show without them. */
  readonly isHostile?: boolean
}

/** Runs one schedule. @returns null, or the broken rule with the trace */
async function play(
  { connections, pool }: ReturnType<ReturnType<typeof useDatabase>>,
  { seed, tamper, crashes = 2, isHostile = true }: Schedule,
): Promise<{ error: Error; trace: readonly string[] } | null> {
  const docId = freshDocId('schedule')
  const judge = new Judge(pool, docId)
  const stage = new Stage({
    connections,
    random: seededRandom(seed),
    crashes,
    tamper,
    onStep: () => judge.look(),
  })
  const cast: Play = { stage, judge, docId }
  for (const name of ['ada', 'bob']) addWriter(cast, name)
  addRoller(cast, 'roller')
  addSlowRoller(cast, 'slow roller')
  addFolder(cast, 'honest folder', 'honest')
  addFolder(cast, 'second folder', 'honest')
  const hostile = (['erasing', 'newest-only', 'live', null, null, null] as const)[seed % 6]
  if (isHostile && hostile) addFolder(cast, `${hostile} folder`, hostile)
  addJoiner(cast, 'joiner')
  try {
    await stage.run()
    await judge.look()
    return null
  } catch (error) {
    return { error: error as Error, trace: stage.trace }
  }
}

describe('on native Postgres', () => {
  const database = useDatabase()

  test('random schedules keep the rules', async () => {
    const runs = isDeep ? 1_000 : 6
    for (let seed = SEED; seed < SEED + runs; seed++) {
      const broken = await play(database(), { seed })
      if (broken !== null) {
        const trace = broken.trace.join('\n  ')
        throw new Error(`seed ${seed}; again: Y_ELECTRIC_SEED=${seed}\n  ${trace}`, {
          cause: broken.error,
        })
      }
    }
    console.log(`native Postgres: ${runs} random schedules from seed ${SEED}`)
    const { rows } = await database().pool.query<{ folds: number }>(
      'SELECT count(*)::int AS folds FROM ydoc_snapshot',
    )
    // The result means something only if enough schedules reached a fold.
    expect(rows[0]?.folds).toBeGreaterThan(runs / 2)
  })
})

const appendWithout = (lock: string, read: string) => `
  CREATE OR REPLACE FUNCTION ydoc_append(
    p_doc_id text, p_batch_id uuid, p_data bytea, OUT row_seq bigint, OUT created boolean)
  LANGUAGE plpgsql VOLATILE AS $$
  DECLARE active integer;
  BEGIN
    INSERT INTO ydoc_document (doc_id) VALUES (p_doc_id) ON CONFLICT DO NOTHING;
    ${read}
    ${lock}
    INSERT INTO ydoc_update (doc_id, segment, batch_id, data)
    VALUES (p_doc_id, active, p_batch_id, p_data) ON CONFLICT DO NOTHING RETURNING seq INTO row_seq;
    created := FOUND;
  END $$`
const READ = 'SELECT segment INTO active FROM ydoc_document WHERE doc_id = p_doc_id;'
const LOCK = 'PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));'

const rollWithoutLock = `
  CREATE OR REPLACE FUNCTION ydoc_roll(p_doc_id text, p_active integer) RETURNS integer
  LANGUAGE plpgsql VOLATILE AS $$
  DECLARE next_segment integer;
  BEGIN
    UPDATE ydoc_document SET segment = segment + 1 WHERE doc_id = p_doc_id AND segment = p_active
    RETURNING segment INTO next_segment;
    IF FOUND THEN
      INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, p_active, '');
    END IF;
    RETURN next_segment;
  END $$`

const noCompactionLock = `
  CREATE OR REPLACE FUNCTION ydoc_compaction_key(p_doc_id text) RETURNS bigint
  LANGUAGE sql VOLATILE AS $$ SELECT (random() * 1e15)::bigint $$`

const isDelete = (text: string) => text.includes('DELETE FROM ydoc_update')
const emptyResult = { rows: [], rowCount: 0, command: '', oid: 0, fields: [] }

const twoTransactions: Tamper = async (text, values, run) => {
  const result = await run(text, values)
  if (isDelete(text)) {
    await run('COMMIT')
    await run('BEGIN')
  }
  return result
}
const noCarryOver: Tamper = async (text, values, run) =>
  text.startsWith('SELECT ydoc_append') ? emptyResult : run(text, values)

// By default the simulator alone catches these, on the double of the database.
describeDeep('a planted fault is caught on native Postgres', () => {
  const PLANTED: readonly (readonly [
    name: string,
    fault: { sql?: string; tamper?: Tamper },
    rule: RegExp,
  ])[] = [
    ['no shared lock on append', { sql: appendWithout('', READ) }, /SEG-1/],
    ['append reads its segment before the lock', { sql: appendWithout(LOCK, READ) }, /SEG-1/],
    ['seal not last: a roll without the lock', { sql: rollWithoutLock }, /SEG-1/],
    ['two transactions instead of one', { tamper: twoTransactions }, /KEEP-1|SEG-1/],
    ['no carry-over', { tamper: noCarryOver }, /KEEP-1|FOLD-1/],
  ]

  describe.each(PLANTED)('%s', (_name, { sql, tamper }, rule) => {
    const database = useDatabase()
    test('is caught', async () => {
      if (sql !== undefined) await database().pool.query(sql)
      for (let seed = SEED; seed < SEED + 100; seed++) {
        const broken = await play(database(), { seed, tamper, isHostile: false })
        if (broken === null) continue
        expect(broken.error).toBeInstanceOf(RuleBroken)
        expect(broken.error.message).toMatch(rule)
        return
      }
      expect.unreachable('no schedule caught it')
    })
  })
})

describe('two simultaneous proposals, one of which omits rows that the other folds', () => {
  const database = useDatabase()

  /** Whether any of many schedules broke a rule. */
  async function isBroken(): Promise<boolean> {
    const { connections, pool } = database()
    const api = createApi({ pool, shapes: { url: 'http://shapes.none', fetch: noShape } })
    for (let seed = SEED; seed < SEED + (isDeep ? 15 : 4); seed++) {
      const docId = freshDocId('proposals')
      await api.append(docId, createWriter(1).type('first'))
      await api.roll(docId, 0)
      const first = await honestProposal(api, docId, 0)
      const update = createWriter(2).type('second')
      await api.append(docId, update)
      await api.roll(docId, 1)
      const newest = foldToSnapshot(
        { previous: null, rows: [{ seq: 1, segment: 1, data: update }] },
        true,
      )
      const judge = new Judge(pool, docId)
      await judge.look()
      const random = seededRandom(seed)
      const stage = new Stage({ connections, random, crashes: 0, onStep: () => judge.look() })
      addProposal({ stage, judge, docId }, 'honest', 0, first)
      addProposal({ stage, judge, docId }, 'newest only', 1, newest)
      try {
        await stage.run()
      } catch (error) {
        if (error instanceof RuleBroken) return true
        throw error
      }
    }
    return false
  }

  // Between two folds the lock only saves work, since a fold deletes exactly the rows that were verified,
  // or nothing.
  test('lose nothing, with the compaction lock or without it', async () => {
    expect(await isBroken()).toBe(false)
    await database().pool.query(noCompactionLock)
    expect(await isBroken()).toBe(false)
  })
})

describe('a fold of a segment without updates, and a deletion of the document', () => {
  const database = useDatabase()

  /**
   * Deletes the document between any two statements of the fold. @returns whether it had content
   * afterwards
   */
  async function comesBack(): Promise<boolean> {
    const { connections, pool } = database()
    const api = createApi({ pool, shapes: { url: 'http://shapes.none', fetch: noShape } })
    for (let before = 0; before < 14; before++) {
      const docId = freshDocId('deleted')
      await api.append(docId, createWriter(1).type('first'))
      await api.roll(docId, 0)
      await api.fold(docId, 0, await honestProposal(api, docId, 0))
      await pool.query('SELECT ydoc_roll($1, 1)', [docId])
      const data = await honestProposal(api, docId, 1)
      const judge = new Judge(pool, docId)
      let turns = 0
      // The folder is the first of those waiting for a turn, and the deleter the last.
      const random = () => (turns++ < before ? 0 : 0.99)
      const stage = new Stage({ connections, random, crashes: 0, onStep: async () => {} })
      addProposal({ stage, judge, docId }, 'folder', 1, data)
      stage.add('deleter', false, async (performer) => {
        await performer.pool.query('SELECT at FROM ydoc_delete($1, NULL)', [docId])
      })
      await stage.run()
      const { rows } = await pool.query('SELECT seq FROM ydoc_snapshot WHERE doc_id = $1', [docId])
      if (rows.length > 0) return true
    }
    return false
  }

  // The fold replaces no row, so no missing row shows it that the document was deleted.
  test('leave no row of the document, because the fold takes the compaction lock', async () => {
    expect(await comesBack()).toBe(false)
    await database().pool.query(noCompactionLock)
    expect(await comesBack()).toBe(true)
  })
})

const noShape = async () => new Response(null, { status: 204 })
