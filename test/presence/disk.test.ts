// Presence need not survive a crash. If readers see commits at once, presence writes do not wait for the
// disk, but update rows do.
import { createApp, migrate } from '@y-electric/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { updatesPath } from 'y-electric/protocol'
import { presenceOf } from '../api/requests.ts'
import { freshDocId } from '../e2e/server.ts'
import { documentBackends } from '../harness/database.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { someUpdate } from '../server/api.ts'

describe.each(documentBackends)('on %s', (name) => {
  const shared = useTestDatabase(name)

  beforeAll(async () => {
    await migrate(shared.database.pool)
    await shared.database.pool.query(`
      CREATE TABLE waits (what text, setting text);
      CREATE FUNCTION note_wait() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO waits VALUES (TG_TABLE_NAME, current_setting('synchronous_commit'));
        RETURN NULL;
      END $$;
      CREATE TRIGGER note_wait AFTER INSERT OR UPDATE ON ydoc_awareness
        FOR EACH ROW EXECUTE FUNCTION note_wait();
      CREATE TRIGGER note_wait AFTER INSERT ON ydoc_update
        FOR EACH ROW EXECUTE FUNCTION note_wait();`)
  })
  beforeEach(() => shared.database.pool.query('DELETE FROM waits'))
  afterAll(() => shared.empty())

  test.each([
    [true, 'off'],
    [false, 'on'],
  ])(
    'if readers see commits at once (%s), a presence row is written with synchronous_commit %s, and an update row with on',
    async (seesCommits, setting) => {
      const { pool } = shared.database
      const fetch = () => Promise.reject(new TypeError('this test has no readers'))
      const app = createApp({
        pool,
        shapes: { url: 'http://shapes.test', fetch, seesCommits },
        authorize: () => 'allow',
      })
      const docId = freshDocId('presence')
      const { path, body, ...sending } = presenceOf(docId, 7)
      const presence = { ...sending, body: new Uint8Array(body as Uint8Array) }
      for (let i = 0; i < 2; i++) expect((await app.request(path, presence)).status).toBe(204)
      const answer = await app.request(updatesPath(docId), {
        method: 'POST',
        body: new Uint8Array(someUpdate()),
        headers: {
          'content-type': 'application/octet-stream',
          'idempotency-key': crypto.randomUUID(),
        },
      })
      expect(answer.status).toBe(201)
      const { rows } = await pool.query('SELECT what, setting FROM waits')
      expect(rows).toEqual([
        { what: 'ydoc_awareness', setting },
        { what: 'ydoc_awareness', setting },
        { what: 'ydoc_update', setting: 'on' },
      ])
    },
  )
})
