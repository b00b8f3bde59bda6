// A stream that begins with what its reader has missed, on every back end.
import { afterEach, describe, expect, test } from 'vitest'
import { BACKLOG_FIRST, BACKLOG_HEADER, cutBacklog } from 'y-electric/protocol'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  type ServeOptions,
  serveApp,
  useBackend,
} from '../e2e/server.ts'
import { postUpdate, someUpdate } from './api.ts'

interface Place {
  readonly offset: string
  readonly handle: string
}

interface Message {
  readonly headers: { readonly control?: string }
  readonly value?: { readonly seq: string }
}

describe.each(DOCUMENT_BACKENDS)('a reader that wants its backlog first, on %s', (name) => {
  const backend = useBackend(name)
  let open: { close(): void | Promise<void> }[] = []
  afterEach(async () => {
    for (const one of open.reverse()) await one.close()
    open = []
  })

  async function start(options: Partial<ServeOptions> = {}) {
    const server = await serveApp({ backend: backend.current, ...options })
    open.push(server)
    const docId = freshDocId('backlog')
    const path = `/docs/${docId}/segments/0`
    const write = async (size = 1): Promise<string> => {
      const body = someUpdate('x'.repeat(size)) as BodyInit
      const answer = await postUpdate(server, docId, { body })
      return String(((await answer.json()) as { seq: number }).seq)
    }
    /** The end of the log. */
    const endOfLog = async (): Promise<Place> => {
      let place: Place = { offset: '-1', handle: '' }
      for (;;) {
        const query = new URLSearchParams({ ...place })
        if (place.handle === '') query.delete('handle')
        const answer = await fetch(`${server.url}${path}?${query}`)
        await answer.arrayBuffer()
        place = {
          offset: answer.headers.get('electric-offset') ?? '',
          handle: answer.headers.get('electric-handle') ?? '',
        }
        if (answer.headers.has('electric-up-to-date')) return place
      }
    }
    const queryOf = (place: Place) =>
      `${new URLSearchParams({ ...place, live: 'true', live_sse: 'true', backlog: BACKLOG_FIRST })}`
    const read = async (place: Place) => {
      const aborter = new AbortController()
      open.push({ close: () => aborter.abort() })
      const answer = await fetch(`${server.url}${path}?${queryOf(place)}`, {
        signal: aborter.signal,
      })
      const stream = { answer, text: '' }
      const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream')
      if (isStream) void collect(answer, stream).catch(() => {})
      return stream
    }
    const log = async (place: Place): Promise<string> =>
      (await fetch(`${server.url}${path}?${new URLSearchParams({ ...place })}`)).text()
    return { server, path, write, endOfLog, queryOf, read, log }
  }

  async function collect(answer: Response, into: { text: string }): Promise<void> {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      into.text += decoder.decode(chunk, { stream: true })
    }
  }

  /** The sequence numbers of the rows in the backlog, and of the rows after it. */
  function seqsOf(text: string) {
    const cut = cutBacklog(text)
    if (cut === null) return null
    const backlog = JSON.parse(cut.backlog.messages) as Message[]
    const rows = [...cut.after.matchAll(/"seq":"(\d+)"/g)].map(([, seq]) => seq)
    expect(backlog.at(-1)?.headers.control).toBe('up-to-date')
    return { backlog: backlog.flatMap(({ value }) => value?.seq ?? []), rows }
  }

  test('gets each row that it has missed in the first event, and each later one once after it', async () => {
    const { write, endOfLog, read, log } = await start()
    await write()
    const place = await endOfLog()
    const missed = [await write(), await write()]
    // A real Electric reads the rows a moment after they were acked.
    await eventually(async () => expect(await log(place)).toContain(`"seq":"${missed[1]}"`))
    const stream = await read(place)
    expect(stream.answer.headers.get(BACKLOG_HEADER)).toBe(BACKLOG_FIRST)
    await eventually(async () => expect(seqsOf(stream.text)?.backlog).toEqual(missed))
    const later = [await write(), await write()]
    await eventually(async () =>
      expect(seqsOf(stream.text)).toEqual({ backlog: missed, rows: later }),
    )
    // The announcement of the newest rows comes first, so that the reader knows whether the log lags.
    expect(stream.text).toMatch(/^: y-electric segment=0 seq=[\d,]+\n\nevent: backlog\n/)
  })

  test('learns at once that it has missed nothing', async () => {
    const { write, endOfLog, read } = await start()
    await write()
    const place = await endOfLog()
    const streams = await Promise.all([read(place), read(place), read(place)])
    for (const stream of streams) {
      await eventually(async () => expect(seqsOf(stream.text)).toEqual({ backlog: [], rows: [] }))
    }
    const later = await write()
    for (const stream of streams) {
      await eventually(async () => expect(seqsOf(stream.text)?.rows).toEqual([later]))
    }
  })

  test('begins anew if its handle is of no shape any more', async () => {
    const { write, endOfLog, read } = await start()
    await write()
    const { offset } = await endOfLog()
    const { answer } = await read({ offset, handle: '1-2-3.4' })
    expect(answer.status).toBe(409)
    expect(answer.headers.get(BACKLOG_HEADER)).toBeNull()
  })

  test('gets the stream from its offset on if the backlog is long', async () => {
    const { write, endOfLog, read, log } = await start()
    await write()
    const place = await endOfLog()
    let last = ''
    for (let i = 0; i < 5; i++) last = await write(60_000)
    await eventually(async () => expect(await log(place)).toContain(`"seq":"${last}"`))
    const { answer } = await read(place)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(answer.headers.get(BACKLOG_HEADER)).toBeNull()
  })

  test('gets the stream from its offset on if a CDN keeps answers', async () => {
    const { write, endOfLog, read } = await start({ publicCache: true })
    await write()
    const { answer } = await read(await endOfLog())
    expect(answer.headers.get(BACKLOG_HEADER)).toBeNull()
  })

  test('gets it once in a joint stream', async () => {
    const { server, path, write, endOfLog, queryOf, log } = await start()
    await write()
    const place = await endOfLog()
    const missed = await write()
    await eventually(async () => expect(await log(place)).toContain(`"seq":"${missed}"`))
    const aborter = new AbortController()
    open.push({ close: () => aborter.abort() })
    const answer = await fetch(`${server.url}/live`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ streams: [`${path}?${queryOf(place)}`] }),
      signal: aborter.signal,
    })
    const stream = { text: '' }
    void collect(answer, stream).catch(() => {})
    const backlogs = () => stream.text.split('event: backlog\n').length - 1
    await eventually(async () => expect(backlogs()).toBe(1))
    expect(stream.text).toContain(`"${BACKLOG_HEADER}":"${BACKLOG_FIRST}"`)
    expect(stream.text).toContain(`"seq":"${missed}"`)
    const later = await write()
    await eventually(async () => expect(stream.text).toContain(`"seq":"${later}"`))
    expect(stream.text.split(`"seq":"${missed}"`)).toHaveLength(2)
    expect(backlogs()).toBe(1)
  })
})
