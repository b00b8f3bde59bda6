// A shape service receives notifications late, so the rows of a snapshot are newer than the changes
// that it has received.
import { createShapeService, type Database, type ShapeService } from '@y-electric/embedded'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

const shared = useTestDatabase('postgres')
let service: ShapeService
let release: () => void
let stop: AbortController

/** Wraps a database whose notifications wait from `hold()` until `release()`. */
function heldBack(database: Database): { database: Database; hold(): void } {
  let gate: Promise<void> | undefined
  const hold = () => {
    gate = new Promise((resolve) => {
      release = () => {
        gate = undefined
        resolve()
      }
    })
  }
  const listen: Database['listen'] = (channel, onPayload, onLost, onWhole) => {
    const inTurn = (run: () => void) => {
      if (gate === undefined) run()
      else void gate.then(run)
    }
    return database.listen(
      channel,
      (payload) => inTurn(() => onPayload(payload)),
      onLost,
      onWhole === undefined ? undefined : () => inTurn(onWhole),
    )
  }
  const { kind, pool } = database
  return { hold, database: { kind, pool, listen, close: () => database.close() } }
}

const insert = (note: string) =>
  shared.database.pool.query("INSERT INTO items (doc, note) VALUES ('a', $1)", [note])

const ask = (query: Record<string, string>) => {
  const params = new URLSearchParams({ table: 'items', where: "doc = 'a'", ...query })
  const url = `http://shapes.test/v1/shape?${params}`
  return service.fetch(new Request(url, { signal: stop.signal }))
}

/** The notes in the messages of a response, up to the awaited one. */
async function notesUntil(last: string, response: Response): Promise<string[]> {
  let text = ''
  const notes = () => [...text.matchAll(/"note":"(\w+)"/g)].map(([, note = '']) => note)
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk)
    if (notes().includes(last)) break
  }
  return notes()
}

beforeEach(async () => {
  stop = new AbortController()
  await shared.database.pool.query(
    'CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, doc text, note text)',
  )
})
afterEach(async () => {
  stop.abort()
  await service.close()
  await shared.empty()
})

describe.each(['long poll', 'stream'])('a %s', (kind) => {
  test('that starts before the service receives the change of a row in its snapshot delivers only later rows', async () => {
    const held = heldBack(shared.database)
    service = await createShapeService({ database: held.database, longPollMs: 10_000 })
    // From here on the table is captured.
    await (await ask({ offset: '-1', where: "doc = 'b'" })).text()
    held.hold()
    await insert('early')
    const snapshot = await ask({ offset: '-1' })
    const handle = snapshot.headers.get('electric-handle') ?? ''
    const offset = snapshot.headers.get('electric-offset') ?? ''
    expect(await notesUntil('early', snapshot)).toEqual(['early'])

    const live = { handle, offset, live: 'true', ...(kind === 'stream' && { live_sse: 'true' }) }
    const waiting = ask(live)
    await insert('late')
    release()
    expect(await notesUntil('late', await waiting)).toEqual(['late'])
  })
})
