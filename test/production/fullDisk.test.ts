// The disk of PGlite fills up. The server refuses writes before the disk is full, a PANIC ends the
// process, and every acknowledged row survives both.
import { randomBytes, randomUUID } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from '../harness/deep.ts'
import { fillPgliteFolder } from '../harness/pgliteFolder.ts'
import { postUpdate } from '../server/api.ts'
import { type Child, startServer } from './child.ts'
import { mountSmallDisk, type SmallDisk } from './smallDisk.ts'

const MIB = 1024 * 1024
const disk = await mountSmallDisk(160 * MIB)
if ('reason' in disk) console.warn(`skipped: ${disk.reason}`)

interface Page {
  readonly documents: readonly { readonly docId: string; readonly bytes: number }[]
  readonly next: string | null
}

/** An update of this many bytes that does not compress. */
function largeUpdate(bytes: number): Uint8Array {
  const doc = new Y.Doc({ guid: 'large' })
  const noise = randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64')
  doc.getText('notes').insert(0, noise)
  return Y.encodeStateAsUpdate(doc)
}

describe.skipIf('reason' in disk)('PGlite on a small disk', { timeout: 240_000 }, () => {
  const small = disk as SmallDisk
  const DATA_DIR = path.join(small.folder ?? '', 'data')
  /** The documents that were written, with the bytes of their update. */
  const acked = new Map<string, number>()
  let server: Child
  let url: string

  const start = async (env: Record<string, string> = {}) => {
    server = startServer({ DATA_DIR, ...env })
    url = `${await server.url}/api`
  }
  /** Writes until a write is not acknowledged. @returns that answer, or null for none */
  const writeUntilRefused = async (bytes: number): Promise<Response | null> => {
    for (let i = 0; i < 5_000; i++) {
      const docId = `doc-${randomUUID()}`
      const update = largeUpdate(bytes)
      const body = update as BodyInit
      const response = await postUpdate({ url }, docId, { body }).catch(() => null)
      if (response?.status !== 201) return response
      await response.body?.cancel()
      acked.set(docId, update.byteLength)
    }
    throw new Error('the disk did not fill up')
  }
  const expectAllAcked = async () => {
    const stored = new Map<string, number>()
    for (let next: string | null = ''; next !== null; ) {
      const after = next === '' ? '' : `&after=${next}`
      const page = (await (await fetch(`${url}/docs?limit=1000${after}`)).json()) as Page
      for (const { docId, bytes } of page.documents) stored.set(docId, bytes)
      next = page.next
    }
    const lost = [...acked].filter(([docId, bytes]) => stored.get(docId) !== bytes)
    expect(lost).toEqual([])
    // The acked documents can be read.
    const [docId = ''] = acked.keys()
    const response = await fetch(`${url}/docs/${docId}/verify`)
    expect(await response.json()).toMatchObject({ docId, sound: true, rows: 1 })
  }

  beforeAll(async () => {
    await fillPgliteFolder(DATA_DIR)
    await start()
  }, 120_000)
  afterAll(async () => {
    server.kill('SIGKILL')
    await server.ended
    await small.remove()
  })

  test('the server refuses writes with storage_full while space is left, and still serves reads and deletions', async () => {
    await small.fill(52 * MIB)
    const refused = await writeUntilRefused(200_000)
    expect([refused?.status, await refused?.json()]).toEqual([
      507,
      { error: { code: 'storage_full', message: expect.stringContaining('the disk') } },
    ])
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(acked.size).toBeGreaterThan(0)
    expect(await small.freeBytes()).toBeGreaterThan(20 * MIB)
    // Below the margin, even the smallest write is refused.
    await small.fill(47 * MIB)
    const [first = ''] = acked.keys()
    for (const [method, where, type] of [
      ['PUT', `/docs/${first}-2?format=text&type=text&root=notes`, 'text/plain'],
      ['POST', `/docs/${first}/versions`, 'application/json'],
      ['POST', `/docs/${first}/segments`, 'application/json'],
    ] as const) {
      const response = await fetch(url + where, {
        method,
        headers: { 'content-type': type },
        body: '{}',
      })
      expect([where, response.status]).toEqual([where, 507])
    }
    expect((await fetch(`${url}/docs/${first}?format=text`)).status).toBe(200)
    expect((await fetch(`${url}/docs/${first}`, { method: 'DELETE' })).status).toBe(200)
    acked.delete(first)
  })

  test('when space is free again, writes are accepted without a restart', async () => {
    await small.empty()
    expect((await postUpdate({ url }, 'another document')).status).toBe(201)
    await expectAllAcked()
  })

  test('SIGTERM ends the process on a disk without any space, and it starts when there is space', {
    skip: !isDeep,
  }, async () => {
    await small.fill(0)
    const asked = performance.now()
    await server.stop()
    expect(performance.now() - asked).toBeLessThan(8_000)
    expect((await server.ended).code).toBe(0)

    const refused = await startServer({ DATA_DIR }).ended
    expect(refused.code).toBe(2)
    expect(refused.output).toMatch(/^y-electric: DATA_DIR: the disk of .* free space on it/)

    await small.empty()
    // The next test needs a server without a margin, where writes continue until the log of Postgres cannot grow.
    await start({ MIN_FREE_BYTES: '1' })
    await expectAllAcked()
  })

  test('a PANIC ends the process with a message and a code, and no acknowledged row is lost', {
    skip: !isDeep,
  }, async () => {
    // Tables may use the last space before the log needs its next file of 16 MiB. Then a write is refused,
    // and the next round reaches that file.
    for (let answer: Response | null | undefined; answer !== null; ) {
      await small.fill(14 * MIB)
      answer = await writeUntilRefused(200_000)
      if (answer !== null) expect(answer.status).toBe(507)
    }
    const { code, output } = await server.ended
    expect(code).toBe(1)
    expect(output).toContain('y-electric: PGlite has stopped:')
    expect(output).toContain('Free space on its disk, then restart')

    await small.empty()
    await start()
    await expectAllAcked()
  })
})
