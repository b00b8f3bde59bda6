// The server announces its rows inside a live stream, on every back end.

import { describe, expect, test } from 'vitest'
import { readNewest } from 'y-electric/protocol'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readUpdateRows,
  roll,
  serveApp,
  useBackend,
} from '../e2e/server.ts'
import { watchPool } from '../harness/watchedPool.ts'
import { postUpdate } from './api.ts'

describe.each(DOCUMENT_BACKENDS)('a live stream on %s', (name) => {
  const backend = useBackend(name)

  test('names the newest rows and the active segment', async () => {
    const { pool } = backend.current
    const server = await serveApp({ backend: backend.current, announceEveryMs: 50 })
    const docId = freshDocId('announced')
    for (let i = 0; i < 10; i++) await postUpdate(server, docId)
    const url = `${server.url}/docs/${docId}/segments/0`
    const catchUp = await fetch(`${url}?offset=-1`)
    await catchUp.text()
    const at = new URLSearchParams({
      offset: catchUp.headers.get('electric-offset') ?? '',
      handle: catchUp.headers.get('electric-handle') ?? '',
      live: 'true',
    })
    const stream = await fetch(`${url}?${at}&live_sse=true`)
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const reading = (async () => {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done) return
        text += value
      }
    })()
    const seqs = async () =>
      (await readUpdateRows(pool, docId))
        .map(({ seq }) => seq)
        .toReversed()
        .slice(0, 8)
    const says = async (activeSegment: number) =>
      eventually(async () =>
        expect(readNewest(text)).toEqual({ activeSegment, seqs: await seqs() }),
      )

    await says(0)
    expect(text.startsWith(':')).toBe(true)
    await postUpdate(server, docId)
    await says(0)
    // A seal is a row of the segment that it seals.
    await roll(pool, docId)
    await says(1)
    // This stream does not announce the rows of another segment.
    const before = await seqs()
    await postUpdate(server, docId)
    expect(await seqs()).not.toEqual(before)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(readNewest(text)).toEqual({ activeSegment: 1, seqs: before })
    await reader?.cancel()
    await reading
    await server.close()
  })

  test('costs no query while nobody reads, and one query for all readers together', async () => {
    const { pool, shapes } = backend.current
    let queries = 0
    const counting = watchPool(pool, (_text, name) => {
      if (name?.startsWith('ydoc_segment')) queries += 1
    })
    const server = await serveApp({ backend: { pool: counting, shapes }, announceEveryMs: 100 })
    const aborter = new AbortController()
    const streams = Array.from({ length: 6 }, async (_, i) => {
      const url = `${server.url}/docs/announced-${i % 3}/segments/0`
      const catchUp = await fetch(`${url}?offset=-1`)
      await catchUp.text()
      const [offset, handle] = ['electric-offset', 'electric-handle'].map((header) =>
        catchUp.headers.get(header),
      )
      const at = `offset=${offset}&handle=${handle}&live=true&live_sse=true`
      return fetch(`${url}?${at}`, { signal: aborter.signal })
    })
    await Promise.all(streams)
    const asked = queries
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(queries - asked).toBeGreaterThan(0)
    expect(queries - asked).toBeLessThanOrEqual(11)
    aborter.abort()
    let last = -1
    await eventually(async () => {
      const isQuiet = queries === last
      last = queries
      await new Promise((resolve) => setTimeout(resolve, 300))
      return isQuiet && queries === last
    })
    await server.close()
  })
})
