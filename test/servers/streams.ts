import { DEFAULT_LIMITS } from '@y-electric/server'
import { expect } from 'vitest'
import { segmentPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId } from '../e2e/server.ts'
import { postUpdate, someUpdate } from '../server/api.ts'

/** An event of a live stream arrives while the response is open, also for a client that accepts compression. */
export async function expectStreams(url: string): Promise<void> {
  const docId = freshDocId('streamed')
  expect((await postUpdate({ url }, docId)).status).toBe(201)
  const place = url + segmentPath(docId, 0)
  const caughtUp = await fetch(`${place}?offset=-1`)
  await caughtUp.arrayBuffer()
  const position = new URLSearchParams({
    offset: caughtUp.headers.get('electric-offset') ?? '',
    handle: caughtUp.headers.get('electric-handle') ?? '',
  })
  const aborter = new AbortController()
  const stream = await fetch(`${place}?live=true&live_sse=true&${position}`, {
    headers: { 'accept-encoding': 'gzip, deflate, br' },
    signal: aborter.signal,
  })
  expect([stream.status, stream.headers.get('content-encoding')]).toEqual([200, null])
  const events = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await postUpdate({ url }, docId)).status).toBe(201)
  let received = ''
  while (!received.includes('"operation":"insert"')) {
    const chunk = await events?.read()
    expect(chunk?.done, received).toBe(false)
    received += chunk?.value
  }
  aborter.abort()
}

/** Characters of a text whose update is just below the limit of one update, 1 MiB. */
const LARGE = 900_000

/** More structs than the server checks on its event loop. */
const COMPLEX = 2 * DEFAULT_LIMITS.examineInlineStructs

/**
 * The server takes an edit as large as the API allows, and one that a worker thread has to check. Without the file of the
 * worker it would log that, which the caller looks for.
 */
export async function expectLargeEdits(url: string): Promise<void> {
  const complex = new Y.Doc()
  const fields = complex.getMap('fields')
  complex.transact(() => {
    for (let field = 0; field < COMPLEX; field++) fields.set(String(field), field)
  })
  for (const update of [someUpdate('x'.repeat(LARGE)), Y.encodeStateAsUpdate(complex)]) {
    const answer = await postUpdate({ url }, freshDocId('large'), { body: update as BodyInit })
    expect(answer.status, await answer.text()).toBe(201)
  }
}
