import { isDeepStrictEqual } from 'node:util'
import { decodeState, encodeState, readNewest } from 'y-electric/protocol'
import {
  followMessage,
  followShape,
  type Http,
  presenceMessage,
  rowSeq,
  type ShapeMessage,
  systemClock,
  wholeEvents,
} from '../adapters/client.ts'
import type { Choices } from '../engine/choices.ts'
import { Finding, type Json, type Target } from '../engine/target.ts'
import { fromHex, mutateBytes, toHex } from '../generators/bytes.ts'
import { anyAnswer, anyMessage, stateFrames } from '../generators/shape.ts'
import { Cost } from '../oracles/cost.ts'

type Input =
  | { readonly kind: 'frames'; readonly bytes: string }
  | { readonly kind: 'messages'; readonly messages: readonly Json[] }
  | { readonly kind: 'events'; readonly chunks: readonly string[] }
  | {
      readonly kind: 'shape'
      readonly live: 'sse' | 'long-poll'
      readonly answers: readonly Answer[]
    }

interface Answer {
  readonly [key: string]: Json
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The most processor time for reading some bytes, in milliseconds. */
const READ_MS = 200
/** The time for which a shape is followed, in milliseconds. It allows only a few requests. */
const FOLLOW_MS = 25
/** The time for which it is followed after a request without an answer, in milliseconds. */
const REST_MS = 2
const MAX_REQUESTS = 60

/** The inputs of a client: state frames, messages of Electric, streams of events, whole answers. */
export function state(): Target {
  const cost = new Cost()
  return {
    name: 'state',
    generate: (choices) => generate(choices) as unknown as Json,
    run(json) {
      const input = json as unknown as Input
      cost.begin()
      switch (input.kind) {
        case 'frames':
          return cost.within(READ_MS, 'state frames', () => readFrames(fromHex(input.bytes)))
        case 'messages':
          return cost.within(READ_MS, 'messages', () => readMessages(input.messages))
        case 'events':
          return cost.within(READ_MS, 'events', () => readEvents(input.chunks.map(fromHex)))
        case 'shape':
          return follow(input)
      }
    },
    figures: () => ({ 'slowest read ms': cost.worst }),
  }
}

function readFrames(bytes: Uint8Array): string {
  let decoded: ReturnType<typeof decodeState>
  try {
    decoded = decodeState(bytes)
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('state: ')) return 'frames refused'
    throw error
  }
  for (const { data } of decoded.rows) {
    if (data.buffer !== bytes.buffer) throw new Finding('row outside of the frames', toHex(data))
  }
  const again = decodeState(encodeState(decoded))
  if (!isDeepStrictEqual(again, decoded)) {
    throw new Finding('state is not the same when encoded again', JSON.stringify(decoded))
  }
  return 'frames read'
}

/** Reads messages with headers, because Electric's client drops others. */
function readMessages(messages: readonly Json[]): string {
  const types = new Set<string>()
  for (const message of messages) {
    if (typeof message !== 'object' || message === null || !('headers' in message)) continue
    if (typeof message.headers !== 'object' || message.headers === null) continue
    const one = message as unknown as ShapeMessage
    const action = followMessage(one, new Set([1]))
    const seq = rowSeq(one)
    if (seq !== null && !Number.isSafeInteger(seq))
      throw new Finding('a seq is not an integer', `${seq}`)
    if (action.type === 'apply' && action.update.byteLength === 0) {
      throw new Finding('an empty row is applied', JSON.stringify(message))
    }
    types.add(action.type)
    presenceMessage(one)
  }
  return `messages: ${[...types].sort().join(' ') || 'none'}`
}

/**
 * Checks that every division of a stream into chunks gives complete events, and loses no event before the
 * last one.
 */
function readEvents(chunks: readonly Uint8Array[]): string {
  const whole = Buffer.concat(chunks)
  const take = wholeEvents()
  const taken = Buffer.concat(chunks.map((chunk) => Buffer.from(take(chunk))))
  if (!whole.subarray(0, taken.length).equals(taken)) {
    throw new Finding('the events have changed', taken.toString('hex'))
  }
  const once = Buffer.from(wholeEvents()(new Uint8Array(whole)))
  // Blank lines after the first one may arrive with the next event.
  const rest = once.subarray(taken.length).toString('latin1')
  if (!once.subarray(0, taken.length).equals(taken) || /[^\r\n]/.test(rest)) {
    throw new Finding(
      'the division of a stream into chunks changes its events',
      JSON.stringify(rest),
    )
  }
  readNewest(taken.toString('utf8'))
  return 'events'
}

/** Follows a shape with given answers. The client must end or wait, and never send requests without pause. */
function follow({ live, answers }: Extract<Input, { kind: 'shape' }>): Promise<string> {
  return new Promise((resolve, reject) => {
    let requests = 0
    let messages = 0
    let stop = () => {}
    let isEnded = false
    const end = (outcome: string) => {
      isEnded = true
      clearTimeout(timer)
      stop()
      if (requests <= MAX_REQUESTS) resolve(`shape ${outcome}`)
      else
        reject(
          new Finding(
            'sends requests without pause',
            `${requests} requests within ${FOLLOW_MS} ms`,
          ),
        )
    }
    const endAfter = (ms: number) => setTimeout(() => end(messages > 0 ? 'followed' : 'waits'), ms)
    let timer = endAfter(FOLLOW_MS)
    const http: Http = {
      async send(_url, { signal }) {
        const answer = answers[requests++ % (answers.length + 1)]
        if (requests > MAX_REQUESTS) end('')
        if (answer !== undefined) return responseOf(answer)
        clearTimeout(timer)
        if (!isEnded) timer = endAfter(REST_MS)
        return new Promise((_, fail) => {
          signal?.addEventListener('abort', () => fail(signal.reason), { once: true })
        })
      },
      beacon: () => {},
    }
    const following = followShape({
      http,
      clock: systemClock,
      // Electric's client keeps its knowledge of a shape by URL.
      url: `http://shapes.test/${nextShape++}`,
      start: 'beginning',
      log: 'full',
      live,
      onMessage: (message) => {
        messages++
        followMessage(message, new Set())
      },
      onEnd: ({ error }) => end(`ends: ${error.code}`),
    })
    stop = () => following.stop()
  })
}

let nextShape = 0

function responseOf({ status, headers, body }: Answer): Response {
  const isEmpty = status === 204 || status === 304
  return new Response(isEmpty ? null : body, { status, headers })
}

function generate(choices: Choices): Input {
  return choices.weighted<Input>([
    [40, () => ({ kind: 'frames', bytes: toHex(stateFrames(choices)) })],
    [40, () => ({ kind: 'messages', messages: choices.list(1, 5, () => anyMessage(choices)) })],
    [
      20,
      () => {
        const stream = choices.list(1, 5, () =>
          choices.pick(['data: 1', 'data: x\ndata: y', ': y-electric segment=1 seq=3,4', '', ':']),
        )
        const bytes = Buffer.from(
          stream.map((part) => part + choices.pick(['\n\n', '\r\n\r\n', '\r\r', '\n'])).join(''),
        )
        const changed = choices.oneIn(2) ? mutateBytes(choices, bytes) : bytes
        const chunks: string[] = []
        for (let at = 0; at < changed.length; ) {
          const next = at + 1 + choices.below(choices.oneIn(2) ? 3 : 40)
          chunks.push(toHex(changed.subarray(at, next)))
          at = next
        }
        return { kind: 'events', chunks }
      },
    ],
    [
      1,
      () => ({
        kind: 'shape',
        live: choices.pick(['sse', 'long-poll']),
        answers: choices.list(1, 4, () => anyAnswer(choices) as Answer),
      }),
    ],
  ])
}
