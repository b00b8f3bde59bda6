import { isDeepStrictEqual } from 'node:util'
import { decodePresence, encodePresence, isPresenceOf } from 'y-electric/protocol'
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import * as Y from 'yjs'
import { PresenceReceiver, type ShapeMessage, systemClock } from '../adapters/client.ts'
import type { Choices } from '../engine/choices.ts'
import { Finding, type Json, type Target } from '../engine/target.ts'
import { fromHex, toHex } from '../generators/bytes.ts'
import { anyPresenceFrames, anyPresenceUpdate, HONEST_PERSON } from '../generators/presence.ts'
import { anyMessage } from '../generators/shape.ts'
import { Cost } from '../oracles/cost.ts'

type Input =
  | { readonly kind: 'frames'; readonly bytes: string }
  | { readonly kind: 'updates'; readonly client: number; readonly updates: readonly string[] }
  | { readonly kind: 'receiver'; readonly frames: string; readonly messages: readonly Json[] }

/** The most processor time of one step, in milliseconds. */
const STEP_MS = 200

/** Presence: the checks of the server before storing, and of the client before showing. */
export function presence(): Target {
  const cost = new Cost()
  return {
    name: 'presence',
    generate: (choices) => generate(choices) as unknown as Json,
    run(json) {
      const input = json as unknown as Input
      cost.begin()
      if (input.kind === 'frames') {
        return cost.within(STEP_MS, 'frames', () => readFrames(fromHex(input.bytes)))
      }
      if (input.kind === 'updates') {
        return cost.within(STEP_MS, 'updates', () =>
          applyUpdates(input.client, input.updates.map(fromHex)),
        )
      }
      return receive(input)
    },
    figures: () => ({ 'slowest step ms': cost.worst }),
  }
}

/** Opens a document with a fixed guid, since a random one takes longer than the rest. */
const openDoc = (): Y.Doc => new Y.Doc({ guid: 'fuzzed' })

function readFrames(bytes: Uint8Array): string {
  let rows: ReturnType<typeof decodePresence>
  try {
    rows = decodePresence(bytes)
  } catch (error) {
    // Readers of frames treat every error as a bad answer, except an exceeded stack or memory.
    if (error instanceof Error && !(error instanceof RangeError)) return 'frames refused'
    throw error
  }
  const again = decodePresence(encodePresence(rows))
  if (!isDeepStrictEqual(again, rows)) {
    throw new Finding('frames are not the same when encoded again', JSON.stringify(rows))
  }
  return 'frames read'
}

/** Checks that every client can show stored presence, and that it concerns one client only. */
function applyUpdates(client: number, updates: readonly Uint8Array[]): string {
  const stored = updates.filter((update) => isPresenceOf(client, update))
  const doc = openDoc()
  const awareness = new Awareness(doc)
  try {
    for (const update of stored) applyAwarenessUpdate(awareness, update, null)
    for (const update of stored) applyAwarenessUpdate(awareness, update, null)
    const others = [...awareness.getStates().keys()].filter(
      (id) => id !== client && id !== awareness.clientID,
    )
    if (others.length > 0) throw new Finding('presence of another client', others.join())
    if (awareness.getStates().has(client)) {
      const copy = new Awareness(openDoc())
      applyAwarenessUpdate(copy, encodeAwarenessUpdate(awareness, [client]), null)
      copy.destroy()
      copy.doc.destroy()
    }
    removeAwarenessStates(awareness, [client], null)
    return stored.length > 0 ? 'presence stored' : 'presence refused'
  } finally {
    awareness.destroy()
    doc.destroy()
  }
}

/** Checks that an honest client is shown, whatever was received before. */
async function receive({
  frames,
  messages,
}: Extract<Input, { kind: 'receiver' }>): Promise<string> {
  const doc = openDoc()
  const awareness = new Awareness(doc)
  let deliver = (_message: ShapeMessage): void => {}
  let answered = () => {}
  const rows = fromHex(frames)
  const isAnswered = new Promise<void>((resolve) => {
    answered = resolve
  })
  const receiver = new PresenceReceiver({
    http: {
      async send() {
        queueMicrotask(answered)
        return answerOf(rows)
      },
      beacon: () => {},
    },
    clock: systemClock,
    retry: { firstDelayMs: 60_000, maxDelayMs: 60_000 } as never,
    live: 'sse',
    follow: (options) => {
      deliver = options.onMessage
      return { stop: () => {}, reread: () => {} }
    },
    awareness,
    origin: receiverOrigin,
    shapeUrl: 'http://presence.test/shape',
    rowsUrl: 'http://presence.test/rows',
    onSelfGone: () => {},
  })
  try {
    receiver.open()
    deliver({ headers: { control: 'up-to-date' } })
    await isAnswered
    await new Promise((resolve) => setImmediate(resolve))
    for (const message of messages) if (hasHeaders(message)) deliver(message)
    deliver(HONEST_PERSON.message)
    if (awareness.getStates().get(HONEST_PERSON.client)?.name !== HONEST_PERSON.name) {
      throw new Finding('an honest client is not shown', JSON.stringify([...awareness.getStates()]))
    }
    return `shown ${Math.min(3, awareness.getStates().size - 2)} others`
  } finally {
    receiver.close()
    awareness.destroy()
    doc.destroy()
  }
}

const receiverOrigin = {}

/** The parts of an answer that the receiver reads, since a real `Response` is slow. */
const answerOf = (rows: Uint8Array): Response =>
  ({ ok: true, status: 200, arrayBuffer: async () => rows.buffer }) as unknown as Response

const hasHeaders = (message: Json): message is Json & { headers: object } =>
  typeof message === 'object' &&
  message !== null &&
  'headers' in message &&
  typeof message.headers === 'object' &&
  message.headers !== null

function generate(choices: Choices): Input {
  return choices.weighted<Input>([
    [4, () => ({ kind: 'frames', bytes: toHex(anyPresenceFrames(choices)) })],
    [
      6,
      () => {
        const client = choices.pick([1, 100, 2 ** 32 - 1])
        const updates = choices.list(1, 3, () => toHex(anyPresenceUpdate(choices, client)))
        return { kind: 'updates', client, updates }
      },
    ],
    [
      2,
      () => ({
        kind: 'receiver',
        frames: toHex(anyPresenceFrames(choices)),
        messages: choices.list(0, 4, () => anyMessage(choices)),
      }),
    ],
  ])
}
