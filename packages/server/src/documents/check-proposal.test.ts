import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { bomb } from '../compaction/testing/bomb.ts'
import { asRows, honestProposal } from '../compaction/testing/documents.ts'
import { type CheckJob, type CheckLimits, checkProposal } from './check-proposal.ts'

const LIMITS: CheckLimits = {
  foldCheckInlineBytes: 1_000,
  foldCheckTimeoutMs: 20_000,
  foldCheckMemoryMb: 64,
}

function typedRows(count: number) {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (let i = 0; i < count; i++) doc.getText('t').insert(0, `${i} `)
  return asRows(updates)
}

const check = (job: Omit<CheckJob, 'keepHistory'>, limits: CheckLimits) =>
  checkProposal({ ...job, keepHistory: false }, limits)

/** A v2 update with one value: arrays nested `depth` deep. lib0 encodes values by recursion, and overflows the
 * stack of the test at a depth that depends on the machine, so this writes the outer arrays itself. */
function deepProposal(depth: number): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = 1
  doc.getArray('a').push([['x']])
  const bytes = Buffer.from(Y.encodeStateAsUpdateV2(doc))
  const array = Buffer.from([117, 1])
  const at = bytes.indexOf(Buffer.concat([array, Buffer.from([119, 1, 120])]))
  if (at < 0) throw new Error('the value is not where it is expected')
  const outer = Array.from({ length: depth - 1 }, () => array)
  return Buffer.concat([bytes.subarray(0, at), ...outer, bytes.subarray(at)])
}

/** Counts the iterations of the event loop while `work` runs. */
async function iterationsDuring<T>(
  work: () => Promise<T>,
): Promise<{ result: T; iterations: number }> {
  let iterations = 0
  const timer = setInterval(() => iterations++, 5)
  try {
    return { result: await work(), iterations }
  } finally {
    clearInterval(timer)
  }
}

describe('the check of a proposal', () => {
  test("needs no worker for a small proposal that equals the server's own fold", async () => {
    const rows = typedRows(20)
    const proposal = honestProposal(rows)
    const work = check({ sources: { previous: null, rows }, proposal }, LIMITS)
    // A worker cannot answer within this turn of the event loop.
    const soon = new Promise<'later'>((resolve) => setImmediate(() => resolve('later')))
    expect(await Promise.race([work, soon])).toMatchObject({ type: 'same', carried: [] })
  })

  test('does not block the event loop for a large fold', async () => {
    const rows = typedRows(3_000)
    const proposal = honestProposal(rows)
    const { result, iterations } = await iterationsDuring(() =>
      check({ sources: { previous: null, rows }, proposal }, LIMITS),
    )
    expect(result).toMatchObject({ type: 'same', carried: [] })
    expect(iterations).toBeGreaterThan(2)
  })

  test('runs in a worker for any other proposal, and reports the difference', async () => {
    const rows = typedRows(20)
    const sources = { previous: null, rows }
    const whole = honestProposal(rows, false)
    expect((await check({ sources, proposal: whole }, LIMITS)).type).toBe('same')
    const proposal = honestProposal(rows.slice(1))
    expect(await check({ sources, proposal }, LIMITS)).toMatchObject({ type: 'different' })
  })

  test('stores the history of a document that keeps it, whichever client proposes the fold', async () => {
    const doc = new Y.Doc({ gc: false })
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    doc.getText('t').insert(0, 'a secret')
    doc.getText('t').delete(0, 8)
    const rows = asRows(updates)
    const sources = { previous: null, rows }
    for (const gc of [true, false]) {
      const proposal = honestProposal(rows, gc)
      const verdict = await checkProposal({ sources, proposal, keepHistory: true }, LIMITS)
      expect(verdict).toEqual({
        type: 'same',
        snapshot: honestProposal(rows, false),
        structs: expect.any(Number),
        carried: [],
      })
    }
  })

  test('refuses a decompression bomb because of the number of structs that it claims', async () => {
    const proposal = bomb(2 ** 40)
    expect(proposal.byteLength).toBeLessThan(50)
    const sources = { previous: null, rows: typedRows(3) }
    expect(await check({ sources, proposal }, LIMITS)).toEqual({
      type: 'different',
      difference: 'the bytes are not a snapshot: snapshot: it has more than 16 structs',
    })
  })

  test('refuses a fold of a stored decompression bomb because of its memory, and then checks other folds', async () => {
    const sources = { previous: null, rows: typedRows(3) }
    // A snapshot row of an older server that did not count structs.
    const bad = { ...sources, previous: bomb(2 ** 40) }
    const { result, iterations } = await iterationsDuring(() =>
      check({ sources: bad, proposal: honestProposal(sources.rows) }, LIMITS),
    )
    expect(result).toEqual({ type: 'different', difference: 'it takes too much memory to check' })
    expect(iterations).toBeGreaterThan(2)
    expect((await check({ sources, proposal: honestProposal(sources.rows) }, LIMITS)).type).toBe(
      'same',
    )
  })

  test('refuses a proposal that takes too long', async () => {
    const verdict = await check(
      { sources: { previous: bomb(2 ** 40), rows: [] }, proposal: bomb(2 ** 40) },
      { ...LIMITS, foldCheckTimeoutMs: 1 },
    )
    expect(verdict).toEqual({ type: 'different', difference: 'it takes too long to check' })
  })

  test.each([1_000, 6_000])('refuses a value nested %i deep without failing', async (depth) => {
    const doc = new Y.Doc()
    doc.clientID = 1
    doc.getArray('a').push(['x'])
    const sources = { previous: null, rows: asRows([Y.encodeStateAsUpdate(doc)]) }
    const proposal = deepProposal(depth)
    expect((await check({ sources, proposal }, LIMITS)).type).toBe('different')
  })
})
