// Documents that are too large for the event loop, or for any export.
import { randomUUID } from 'node:crypto'
import { type Format, inspectDocument, readContent } from '@y-electric/documents'
import { beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from '../harness/deep.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { append, fold, migrated, recorded } from './stored.ts'

describe('a large document', () => {
  const shared = useTestDatabase('postgres')
  const pool = () => shared.database.pool
  beforeAll(() => migrated(pool()))

  const inspect = async (docId: string, format: Format, more = {}) =>
    (await inspectDocument(pool(), docId, { format, ...more })).body

  test('is shown up to the limit if it is nested too deeply, on the event loop and in a worker', {
    skip: !isDeep,
  }, async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded()
    let inside: Y.XmlFragment = doc.getXmlFragment('default')
    // One update may not be nested so deeply, but many together can be.
    for (let part = 0; part < 50; part++) {
      doc.transact(() => {
        for (let depth = 0; depth < 400; depth++) {
          const next = new Y.XmlElement('blockquote')
          inside.insert(0, [next])
          inside = next
        }
      })
    }
    await append(pool(), docId, ...updates)
    for (const inspectInlineBytes of [1, 10_000_000]) {
      const { body, losses } = await inspectDocument(pool(), docId, {
        format: 'html',
        limits: { inspectInlineBytes },
      })
      // The innermost quote appears empty, and an empty quote is written as a `div`.
      expect(String(body).match(/<(blockquote|div)\b/g)).toHaveLength(500)
      expect(losses).toEqual([{ kind: 'node', name: 'content deeper than 500 levels', count: 1 }])
    }
    expect(await inspect(docId, 'update')).toBeInstanceOf(Uint8Array)
  })

  test('is read in a worker, within limits of time and memory', async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded()
    const line = 'A line of a large document, as long as lines are. 😀 שלום\n'
    const text = line.repeat(5_000_000 / line.length)
    for (let i = 0; i < 10; i++) {
      doc
        .getText('text')
        .insert(
          i * (text.length / 10 - ((text.length / 10) % line.length)),
          text.slice(0, text.length / 10 - ((text.length / 10) % line.length)),
        )
    }
    await append(pool(), docId, ...updates)
    const whole = doc.getText('text').toString()
    expect(whole.length).toBeGreaterThan(4_500_000)
    expect(await inspect(docId, 'text')).toBe(whole)
    await fold(pool(), docId)
    const exported = await inspect(docId, 'update')
    const again = readContent('update', exported)
    expect(again.getText('text').toString()).toBe(whole)
    await expect(
      inspect(docId, 'html', { limits: { inspectTimeoutMs: 0.001 } }),
    ).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('inspectTimeoutMs') as string,
    })
    await expect(inspect(docId, 'html', { limits: { inspectMemoryMb: 8 } })).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('inspectMemoryMb') as string,
    })
    // A refusal passes from the worker unchanged.
    await expect(inspect(docId, 'text', { root: 'nope' })).rejects.toMatchObject({
      code: 'root_unknown',
    })
  })
})
