import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import { errorResponse, RequestError } from '../errors.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { StreamRegistry } from '../streams/registry.ts'
import type { RouteContext } from './context.ts'
import { live } from './live.ts'

const forbidden = () => new RequestError('forbidden', 'you may not read this document')

let streams: StreamRegistry
/** Settles the next decision of the hook. */
let decide: (isAllowed: boolean) => void
/** Lets the shape service answer. */
let answer: () => void
let asking: Promise<void>

beforeEach(() => {
  streams = new StreamRegistry({ limits: DEFAULT_LIMITS, onActive: () => {} })
})

/** A long poll whose upstream answer arrives when the test says so, whether or not it was aborted. */
function longPoll(): Promise<Response> {
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  let told = () => {}
  asking = new Promise((resolve) => {
    told = resolve
  })
  const again = () =>
    new Promise<string>((resolve, reject) => {
      decide = (isAllowed) => (isAllowed ? resolve('ada') : reject(forbidden()))
      told()
    })
  const app = new Hono()
  const allowed = {
    docId: 'doc',
    user: 'ada',
    name: null,
    documents: null,
    isList: false,
    mark: streams.mark,
    again,
  }
  app.get('/', (c) =>
    live({ streams } as RouteContext, c, allowed, async () => {
      await answered
      return new Response('[rows]')
    }),
  )
  app.onError((error) => errorResponse(error as RequestError))
  return Promise.resolve(app.request('/?live=true'))
}

test('a long poll whose right was revoked is refused, even if its answer is already there', async () => {
  const polled = longPoll()
  const revoked = streams.revoke({ user: 'ada' })
  await asking
  decide(false)
  await revoked
  answer()
  expect((await polled).status).toBe(403)
})

test('a long poll is not answered while authorize decides whether its right was revoked', async () => {
  for (const isAllowed of [false, true]) {
    const polled = longPoll()
    const revoked = streams.revoke({ user: 'ada' })
    await asking
    answer()
    // An answer that did not wait for the decision would have been passed on by now.
    const early = await Promise.race([
      polled,
      new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    ])
    expect(early).toBeUndefined()
    decide(isAllowed)
    await revoked
    expect((await polled).status).toBe(isAllowed ? 200 : 403)
  }
})

test('a long poll that was authorised before a revocation waits for the next decision', async () => {
  const polled = longPoll()
  answer()
  expect((await polled).status).toBe(200)
  const { mark } = streams
  await streams.revoke({ docId: 'doc' })
  const late = streams.open({
    docId: 'doc',
    isList: false,
    user: 'ada',
    mark,
    again: async () => 'ada',
  })
  expect(late.deciding).toBeInstanceOf(Promise)
  await late.deciding
  expect([late.signal.aborted, late.deciding]).toEqual([false, null])
  late.close()
})
