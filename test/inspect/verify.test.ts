// Corrupts stored data on purpose. Verify names each damage, and changes nothing unless it may repair.
import { randomUUID } from 'node:crypto'
import {
  inspectDocument,
  type VerifyOptions,
  type VerifyReport,
  verifyDocument,
} from '@y-electric/documents'
import { beforeAll, describe, expect, test } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { documentBackends } from '../harness/database.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { append, fold, migrated, recorded } from './stored.ts'

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  const pool = () => shared.database.pool
  const query = async (sql: string, ...values: unknown[]) =>
    (await pool().query<Record<string, unknown>>(sql, values)).rows
  beforeAll(() => migrated(pool()))

  /** A document with two snapshot rows, a sealed segment and an active one. Each row builds on the one before. */
  async function busyDocument() {
    const docId = randomUUID()
    const { doc, updates } = recorded()
    const text = doc.getText('t')
    const type = async (...words: string[]) => {
      const first = updates.length
      for (const word of words) text.insert(0, word)
      return append(pool(), docId, ...updates.slice(first))
    }
    await type('one', 'two')
    const older = await fold(pool(), docId)
    await type('three', 'four')
    const newest = await fold(pool(), docId)
    const sealed = await type('five', 'six', 'seven')
    await query('SELECT ydoc_roll($1, 2)', docId)
    const active = await type('eight', 'nine')
    return { docId, doc, type, older, newest, sealed, active }
  }

  /** All rows of a document in all tables. */
  const tables = async (docId: string) =>
    Promise.all(
      ['ydoc_document', 'ydoc_update', 'ydoc_snapshot', 'ydoc_awareness', 'ydoc_set_aside'].map(
        (table) => query(`SELECT * FROM ${table} WHERE doc_id = $1 ORDER BY 1, 2`, docId),
      ),
    )

  /** Returns the findings; checks that verifying changed nothing. */
  async function verify(docId: string, options: VerifyOptions = {}): Promise<VerifyReport> {
    const before = await tables(docId)
    const report = await verifyDocument(pool(), docId, options)
    expect(await tables(docId)).toEqual(before)
    for (const { remedy, repaired } of report.findings) {
      expect(remedy.length).toBeGreaterThan(20)
      expect(repaired).toBe(false)
    }
    expect(report.sound).toBe(report.findings.length === 0)
    return report
  }
  const found = async (docId: string, options: VerifyOptions = {}) =>
    (await verify(docId, options)).findings.map(({ code, table, seq }) => `${code} ${table} ${seq}`)

  const flip = (seq: number | undefined, at: number) =>
    query(
      'UPDATE ydoc_update SET data = set_byte(data, $2, get_byte(data, $2) # 255) WHERE seq = $1',
      seq,
      at,
    )

  test('a sound document has no finding', async () => {
    const { docId } = await busyDocument()
    expect(await verify(docId)).toEqual({
      docId,
      sound: true,
      rows: 5,
      snapshotRows: 2,
      findings: [],
    })
    await expect(verifyDocument(pool(), randomUUID())).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a flipped byte is found', async () => {
    const { docId, sealed } = await busyDocument()
    // This byte is the number of clients, so the update does not decode.
    await flip(sealed[1], 0)
    const [unreadable, ...waiting] = (await verify(docId)).findings
    expect(unreadable).toMatchObject({ code: 'row_unreadable', seq: sealed[1] })
    // Later edits of that client wait for it.
    expect(waiting.map(({ code, seq }) => [code, seq])).toEqual([['row_waits', sealed[2]]])
  })

  test('a missing row is found', async () => {
    const { docId, doc, sealed } = await busyDocument()
    await query('DELETE FROM ydoc_update WHERE seq = $1', sealed[1])
    const { findings } = await verify(docId)
    expect(findings.map(({ code, seq }) => [code, seq])).toEqual([['row_waits', sealed[2]]])
    // "one", "two", "three", "four" and "five" are 19 edits; "six" is gone.
    expect(findings[0]?.message).toBe(
      `row ${sealed[2]} and 2 more wait for ${doc.clientID}:19-21, which no row has`,
    )
  })

  test('a missing seal and a missing segment are found', async () => {
    const { docId } = await busyDocument()
    await query("DELETE FROM ydoc_update WHERE doc_id = $1 AND data = ''", docId)
    expect(await found(docId)).toEqual(['seal_missing ydoc_update null'])
    const other = await busyDocument()
    await query('UPDATE ydoc_document SET segment = 5 WHERE doc_id = $1', other.docId)
    const codes = (await verify(other.docId)).findings.map(
      ({ code, message }) => `${code}: ${message}`,
    )
    expect(codes).toEqual([
      'seal_missing: segment 3 was sealed, but has no seal',
      'seal_missing: segment 4 has no rows, not even a seal',
    ])
  })

  test('an extra seal is found', async () => {
    const { docId } = await busyDocument()
    const [seal] = await query(
      "INSERT INTO ydoc_update (doc_id, segment, data) VALUES ($1, 3, '') RETURNING seq",
      docId,
    )
    expect(await found(docId)).toEqual([`seal_misplaced ydoc_update ${seal?.seq as string}`])
  })

  test('rows of another document are found', async () => {
    const { docId } = await busyDocument()
    const other = await busyDocument()
    // The bytes alone are copied, and the edits on which they build are missing.
    const [moved] = await append(pool(), docId, await dataOf(other.sealed[1]))
    expect(await found(docId)).toEqual([`row_waits ydoc_update ${moved}`])

    // A row that builds on nothing, as a script would copy it: only the other document has the same batch.
    const third = randomUUID()
    const { doc, updates } = recorded()
    doc.getText('t').insert(0, 'alone')
    const [alone] = await append(pool(), third, ...updates)
    const fourth = await busyDocument()
    const [copied] = await query(
      `INSERT INTO ydoc_update (doc_id, segment, batch_id, data)
       SELECT $2, 3, batch_id, data FROM ydoc_update WHERE seq = $1 RETURNING seq`,
      alone,
      fourth.docId,
    )
    expect(await found(fourth.docId)).toEqual([])
    expect(await found(fourth.docId, { searchOthers: true })).toEqual([
      `row_foreign ydoc_update ${copied?.seq as string}`,
    ])

    // The tables themselves refuse rows without a document.
    await expect(
      query("INSERT INTO ydoc_update (doc_id, segment, data) VALUES ('nobody', 0, 'x')"),
    ).rejects.toThrow(/foreign key/)
  })

  const dataOf = async (seq: number | undefined) =>
    (await query('SELECT data FROM ydoc_update WHERE seq = $1', seq))[0]?.data as Buffer

  test('rows in segments that are not read are found', async () => {
    const { docId, sealed, active } = await busyDocument()
    await query('UPDATE ydoc_update SET segment = 0 WHERE seq = $1', sealed[0])
    await query('UPDATE ydoc_update SET segment = 9 WHERE seq = $1', active[1])
    const codes = await found(docId)
    expect(codes).toContain(`row_misplaced ydoc_update ${sealed[0]}`)
    expect(codes).toContain(`row_misplaced ydoc_update ${active[1]}`)
  })

  test('a truncated snapshot row is found, whether it is the newest or an older one', async () => {
    const cut = (seq: number) =>
      query(
        'UPDATE ydoc_snapshot SET data = substring(data FROM 1 FOR length(data) - 5) WHERE seq = $1',
        seq,
      )
    const { docId, newest } = await busyDocument()
    await cut(newest)
    expect(await found(docId)).toEqual([`snapshot_unreadable ydoc_snapshot ${newest}`])
    const other = await busyDocument()
    await cut(other.older)
    expect(await found(other.docId)).toEqual([`snapshot_unreadable ydoc_snapshot ${other.older}`])
  })

  test('a snapshot row that lacks content of an older one, or has impossible numbers, is found', async () => {
    const { docId, newest } = await busyDocument()
    const emptied = new Y.Doc()
    emptied.getText('t').insert(0, 'other')
    await query(
      'UPDATE ydoc_snapshot SET data = $2, folded_bytes = 1, through_segment = 7 WHERE seq = $1',
      newest,
      Buffer.from(Y.encodeStateAsUpdateV2(emptied)),
    )
    const codes = await found(docId)
    expect(codes).toContain(`snapshot_lacks ydoc_snapshot ${newest}`)
    expect(
      codes.filter((code) => code === `snapshot_implausible ydoc_snapshot ${newest}`),
    ).toHaveLength(2)
  })

  test('an invalid presence row is found', async () => {
    const { docId } = await busyDocument()
    const awareness = new Awareness(new Y.Doc())
    awareness.setLocalState({ user: 'Ada' })
    const data = encodeAwarenessUpdate(awareness, [awareness.clientID])
    await query(
      'SELECT ydoc_put_awareness($1, $2, $3)',
      docId,
      awareness.clientID,
      Buffer.from(data),
    )
    expect(await found(docId)).toEqual([])
    await query('SELECT ydoc_put_awareness($1, 5, $2)', docId, Buffer.from(data))
    expect(await found(docId)).toEqual(['awareness_unreadable ydoc_awareness 5'])
    awareness.destroy()
  })

  test('repair sets aside rows that do not decode, and no others', async () => {
    const { docId, sealed, active, older } = await busyDocument()
    await flip(active[1], 0)
    await query("UPDATE ydoc_snapshot SET data = '\\x0102' WHERE seq = $1", older)
    await query("SELECT ydoc_put_awareness($1, 5, 'x')", docId)
    const before = await inspectDocument(pool(), docId, { format: 'json' })
    const bad = await dataOf(active[1])

    const report = await verifyDocument(pool(), docId, { repair: true })
    expect(report.findings.map(({ code, seq, repaired }) => [code, seq, repaired])).toEqual([
      ['row_unreadable', active[1], true],
      ['snapshot_unreadable', older, true],
      ['awareness_unreadable', 5, true],
    ])
    expect(report.sound).toBe(true)
    const aside = await query('SELECT * FROM ydoc_set_aside WHERE doc_id = $1 ORDER BY seq', docId)
    expect(
      aside.map(({ source, source_seq, segment }) => [source, Number(source_seq), segment]),
    ).toEqual([
      ['ydoc_update', active[1], 3],
      ['ydoc_snapshot', older, 0],
      ['ydoc_awareness', 5, null],
    ])
    expect(aside[0]?.data).toEqual(bad)
    expect(aside[0]?.batch_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await verify(docId)).toMatchObject({ sound: true, rows: 4, snapshotRows: 1 })
    expect(await inspectDocument(pool(), docId, { format: 'json' })).toEqual(before)

    // A finding that cannot be repaired is reported, and its row is unchanged.
    await query('DELETE FROM ydoc_update WHERE seq = $1', sealed[0])
    const rows = await tables(docId)
    const again = await verifyDocument(pool(), docId, { repair: true })
    expect(again.sound).toBe(false)
    expect(again.findings.every(({ repaired }) => !repaired)).toBe(true)
    expect(await tables(docId)).toEqual(rows)
  })

  test('repair never removes the newest snapshot row', async () => {
    const { docId, newest } = await busyDocument()
    await query("UPDATE ydoc_snapshot SET data = '\\x0102' WHERE seq = $1", newest)
    const rows = await tables(docId)
    const report = await verifyDocument(pool(), docId, { repair: true })
    expect(report).toMatchObject({ sound: false, findings: [{ seq: newest, repaired: false }] })
    expect(await tables(docId)).toEqual(rows)
  })

  test('a large document is verified in a worker', async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded()
    for (let i = 0; i < 3; i++) doc.getText('t').insert(0, 'x'.repeat(300_000))
    await append(pool(), docId, ...updates)
    await fold(pool(), docId)
    expect(await verifyDocument(pool(), docId)).toMatchObject({ sound: true, findings: [] })
    await expect(
      verifyDocument(pool(), docId, { limits: { inspectTimeoutMs: 0.001 } }),
    ).rejects.toMatchObject({ code: 'document_too_large' })
  })
})
