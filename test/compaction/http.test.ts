// Roll and fold over HTTP, on both databases. Nothing changes unless the answer is 201.
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { FOLD_MEDIA_TYPE, foldsPath, segmentsPath, snapshotsPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { DOCUMENT_BACKENDS, freshDocId, useBackend } from '../e2e/server.ts'
import {
  type Answer,
  type Api,
  createApi,
  createSealedDocument,
  createWriter,
  honestProposal,
  textOf,
} from './api.ts'

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let api: Api
  beforeAll(() => {
    api = createApi(backend.current)
  })

  const sealedDocument = (rounds = 1) => createSealedDocument(api, rounds)

  async function expectRefused(
    ask: () => Promise<Answer>,
    status: number,
    code: string,
  ): Promise<Answer> {
    const before = await api.tables()
    const answer = await ask()
    expect([answer.status, answer.code]).toEqual([status, code])
    expect(await api.tables()).toEqual(before)
    return answer
  }

  describe('roll', () => {
    test('seals the active segment and opens the next one', async () => {
      const docId = freshDocId()
      const writer = createWriter()
      await api.append(docId, writer.type('a'))
      expect(await api.roll(docId, 0)).toMatchObject({ status: 201, body: { active: 1 } })
      await api.append(docId, writer.type('b'))
      const { activeSegment, rows } = await api.state(docId)
      expect(activeSegment).toBe(1)
      expect(rows.map(({ segment }) => segment)).toEqual([0, 1])
      expect(await api.segment(docId, 1)).toBe(200)
      expect(await api.segment(docId, 2)).toBe(404)
    })

    test('refuses a segment that is not active, and one that is not due', async () => {
      const { docId } = await sealedDocument()
      for (const active of [0, 2, 2 ** 31 - 2]) {
        await expectRefused(() => api.roll(docId, active), 409, 'segment_conflict')
      }
      await expectRefused(() => api.roll(freshDocId(), 0), 409, 'segment_conflict')
      const strict = createApi(backend.current, { minRollRows: 2 })
      await expectRefused(() => strict.roll(docId, 1), 409, 'segment_not_due')
      await api.roll(docId, 1)
      await expectRefused(() => api.roll(docId, 2), 409, 'segment_not_due')
    })

    test.each(['', '{}', '{"active":"0"}', '{"active":-1}', '{"active":0.5}', '[0]', 'null'])(
      'refuses the body %j',
      async (body) => {
        const { docId } = await sealedDocument()
        const path = segmentsPath(docId)
        await expectRefused(() => api.post(path, body, 'application/json'), 400, 'invalid_request')
      },
    )
  })

  describe('fold', () => {
    test('replaces the sealed rows by a snapshot row with the same content', async () => {
      const { docId } = await sealedDocument(2)
      const before = textOf(await api.state(docId))
      const proposal = await honestProposal(api, docId, 1)
      const answer = await api.fold(docId, 1, proposal)
      expect(answer).toMatchObject({
        status: 201,
        body: { rows: 4, carried: 0, bytesAfter: proposal.byteLength },
      })
      const state = await api.state(docId)
      expect(textOf(state)).toBe(before)
      expect(state.snapshot).toMatchObject({ throughSegment: 1, data: proposal })
      expect(state.rows).toHaveLength(1)
      expect([await api.segment(docId, 0), await api.segment(docId, 1)]).toEqual([410, 410])
      expect(await api.segment(docId, 2)).toBe(200)
    })

    test('replaces only the segments that it names, even if more are sealed', async () => {
      const { docId } = await sealedDocument(3)
      expect((await api.fold(docId, 0, await honestProposal(api, docId, 0))).status).toBe(201)
      expect((await api.state(docId)).rows.map(({ segment }) => segment)).toEqual([1, 1, 2, 2, 3])
      expect((await api.fold(docId, 2, await honestProposal(api, docId, 2))).status).toBe(201)
      expect(textOf(await api.state(docId))).toBe(`${'hello world '.repeat(3)}and on`)
    })

    test('is accepted whether or not it keeps the history', async () => {
      const { docId, writer } = await sealedDocument()
      await api.append(docId, writer.erase(0, 5))
      await api.roll(docId, 1)
      const whole = await honestProposal(api, docId, 1, false)
      expect(Buffer.from(whole).includes('hello')).toBe(true)
      expect((await api.fold(docId, 1, whole)).status).toBe(201)
      const { snapshot } = await api.state(docId)
      expect(Buffer.from(snapshot?.data ?? []).includes('hello')).toBe(true)
      expect(textOf(await api.state(docId))).toBe(' world and on')
    })

    test('is refused if the segment is active or not opened, or the document does not exist', async () => {
      const { docId } = await sealedDocument()
      const proposal = await honestProposal(api, docId, 1)
      for (const through of [1, 2, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
        await expectRefused(() => api.fold(docId, through, proposal), 409, 'segment_not_sealed')
      }
      await expectRefused(() => api.fold(freshDocId(), 0, proposal), 409, 'segment_not_sealed')
    })

    test('is refused if the segment is already folded', async () => {
      const { docId } = await sealedDocument(2)
      const first = await honestProposal(api, docId, 0)
      const proposal = await honestProposal(api, docId, 1)
      expect((await api.fold(docId, 1, proposal)).status).toBe(201)
      await expectRefused(() => api.fold(docId, 1, proposal), 409, 'segment_already_folded')
      await expectRefused(() => api.fold(docId, 0, first), 409, 'segment_already_folded')
    })

    test('is refused if the bytes are not exactly the content of the rows', async () => {
      const { docId } = await sealedDocument()
      const honest = await honestProposal(api, docId, 0)
      const erased = new Y.Doc()
      Y.applyUpdateV2(erased, honest)
      erased.getText('text').delete(0, 12)
      const other = await sealedDocument()
      const hostile: [Uint8Array, RegExp][] = [
        [Y.encodeStateAsUpdateV2(erased), /is deleted, but no row deletes it/],
        [Y.encodeStateAsUpdateV2(new Y.Doc()), /is missing/],
        [await honestProposal(api, other.docId, 0), /is in no row|is missing/],
        [await honestProposal(api, docId, 1), /is in no row/],
        [Y.convertUpdateFormatV2ToV1(honest), /not a snapshot/],
        [honest.slice(0, -2), /not a snapshot/],
        [new Uint8Array([...honest, 0]), /left over/],
      ]
      for (const [proposal, difference] of hostile) {
        const { message } = await expectRefused(
          () => api.fold(docId, 0, proposal),
          422,
          'snapshot_differs',
        )
        expect(message).toMatch(difference)
      }
      expect((await api.fold(docId, 0, honest)).status).toBe(201)
    })

    test('is refused if it is too large, malformed, or has another media type', async () => {
      const { docId } = await sealedDocument()
      const proposal = await honestProposal(api, docId, 0)
      const small = createApi(backend.current, { maxSnapshotBytes: proposal.byteLength - 1 })
      await expectRefused(() => small.fold(docId, 0, proposal), 413, 'snapshot_too_large')
      const smaller = createApi(backend.current, { maxSnapshotBytes: 1 })
      await expectRefused(() => smaller.fold(docId, 0, proposal), 413, 'snapshot_too_large')
      const path = foldsPath(docId)
      await expectRefused(
        () => api.post(path, new Uint8Array(proposal), 'application/json'),
        415,
        'unsupported_media_type',
      )
      for (const body of [[], [1], [1, 0], [2, 0, 1], [0xff, 0xff]]) {
        await expectRefused(
          () => api.post(path, new Uint8Array(body), FOLD_MEDIA_TYPE),
          400,
          'invalid_request',
        )
      }
    })

    test('is allowed only for clients that may write', async () => {
      const { docId } = await sealedDocument()
      const proposal = await honestProposal(api, docId, 0)
      const reader = createApi(backend.current, {
        authorize: ({ action }) => (action === 'read' ? 'allow' : 'forbidden'),
      })
      await expectRefused(() => reader.fold(docId, 0, proposal), 403, 'forbidden')
      await expectRefused(() => reader.roll(docId, 1), 403, 'forbidden')
      const stranger = createApi(backend.current, { authorize: () => 'unauthenticated' })
      await expectRefused(() => stranger.fold(docId, 0, proposal), 401, 'unauthenticated')
      await expectRefused(() => stranger.roll(docId, 1), 401, 'unauthenticated')
      expect((await stranger.request(snapshotsPath(docId))).status).toBe(401)
    })
  })

  describe('rows that wait for missing edits', () => {
    test('are carried over with their batch ids, and complete the document later', async () => {
      const docId = freshDocId()
      const writer = createWriter()
      const early = writer.type('early ')
      const missing = writer.type('missing ')
      const [waiting, batchId] = [writer.type('waiting'), randomUUID()]
      await api.append(docId, early)
      await api.append(docId, waiting, batchId)
      await api.roll(docId, 0)
      const answer = await api.fold(docId, 0, await honestProposal(api, docId, 0))
      expect(answer).toMatchObject({ status: 201, body: { rows: 1, carried: 1 } })
      const { rows } = await api.state(docId)
      expect(rows).toMatchObject([{ segment: 1, data: waiting }])
      // A client that did not receive its ack retries, and gets one.
      const again = await api.append(docId, waiting, batchId)
      expect(again).toMatchObject({ status: 200, body: { seq: rows[0]?.seq } })
      await api.append(docId, missing)
      expect(textOf(await api.state(docId))).toBe('early missing waiting')
      await api.roll(docId, 1)
      const next = await api.fold(docId, 1, await honestProposal(api, docId, 1))
      expect(next).toMatchObject({ status: 201, body: { rows: 2, carried: 0 } })
      expect(textOf(await api.state(docId))).toBe('early missing waiting')
    })

    test('get their own segment if they are too many for a live stream', async () => {
      const small = createApi(backend.current, { maxTransactionBytes: 40 })
      const docId = freshDocId()
      const writer = createWriter()
      const early = writer.type('early ')
      const missing = writer.type('missing ')
      const waiting = [writer.type('waiting '), writer.type('too')]
      await small.append(docId, early)
      for (const update of waiting) await small.append(docId, update)
      await small.roll(docId, 0)
      const answer = await small.fold(docId, 0, await honestProposal(small, docId, 0))
      expect(answer).toMatchObject({ status: 201, body: { rows: 1, carried: 2 } })
      // A follower of segment 1 gets its seal and continues in segment 2.
      const { activeSegment, rows } = await small.state(docId)
      expect(activeSegment).toBe(2)
      expect(rows).toMatchObject(waiting.map((data) => ({ segment: 2, data })))
      await small.append(docId, missing)
      expect(textOf(await small.state(docId))).toBe('early missing waiting too')
    })

    test('a retry of a folded batch is stored as a new row, and repeats nothing', async () => {
      const { docId } = await sealedDocument()
      const writer = createWriter()
      const [update, batchId] = [writer.type('!'), randomUUID()]
      await api.append(docId, update, batchId)
      await api.roll(docId, 1)
      await api.fold(docId, 1, await honestProposal(api, docId, 1))
      const before = textOf(await api.state(docId))
      expect((await api.append(docId, update, batchId)).status).toBe(201)
      expect(textOf(await api.state(docId))).toBe(before)
    })

    test.each([
      ['that no client can read', Buffer.from('garbage')],
      // An item whose origin is a later one. Yjs decodes it, and throws when it integrates it.
      ['at which Yjs throws', Buffer.from([1, 1, 1, 0, 0x81, 1, 5, 1, 0])],
    ])(
      'a row %s is refused, and if it is already stored, a fold carries it over',
      async (_, bad) => {
        const { docId } = await sealedDocument()
        await expectRefused(() => api.append(docId, bad), 400, 'invalid_update')
        await api.pool.query(
          'INSERT INTO ydoc_update (doc_id, segment, batch_id, data) VALUES ($1, 0, $2, $3)',
          [docId, randomUUID(), bad],
        )
        const answer = await api.fold(docId, 0, await honestProposal(api, docId, 0))
        expect(answer).toMatchObject({ status: 201, body: { rows: 2, carried: 1 } })
        const { rows } = await api.pool.query(
          'SELECT segment FROM ydoc_update WHERE doc_id = $1 AND data = $2',
          [docId, bad],
        )
        expect(rows).toEqual([{ segment: 1 }])
      },
    )
  })

  test('snapshot rows can be listed and read, and the newest ones are kept', async () => {
    const few = createApi(backend.current, { keepSnapshots: 2 })
    const docId = freshDocId()
    const writer = createWriter()
    const proposals: Uint8Array[] = []
    for (let segment = 0; segment < 4; segment++) {
      await few.append(docId, writer.type(`${segment}`))
      await few.roll(docId, segment)
      const proposal = await honestProposal(few, docId, segment)
      proposals.push(proposal)
      expect((await few.fold(docId, segment, proposal)).status).toBe(201)
    }
    const response = await few.request(snapshotsPath(docId))
    const { snapshots } = (await response.json()) as { snapshots: { seq: number }[] }
    expect(snapshots).toMatchObject([
      { throughSegment: 3, bytes: proposals[3]?.byteLength, foldedRows: 1 },
      { throughSegment: 2, bytes: proposals[2]?.byteLength, foldedRows: 1 },
    ])
    const newest = await few.request(`${snapshotsPath(docId)}/${snapshots[0]?.seq}`)
    expect(new Uint8Array(await newest.arrayBuffer())).toEqual(proposals[3])
    for (const seq of [snapshots[0]?.seq ?? 0, 'x', '9'.repeat(20)]) {
      const path = `${snapshotsPath(typeof seq === 'number' ? freshDocId() : docId)}/${seq}`
      expect((await few.request(path)).status).toBe(404)
    }
  })
})
