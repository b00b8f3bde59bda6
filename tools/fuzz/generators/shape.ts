// Possible answers of Electric, or of a proxy in front of it.
import { encodeState } from 'y-electric/protocol'
import type { Choices } from '../engine/choices.ts'
import type { Json } from '../engine/target.ts'
import { anyBytes, mutateBytes, toHex } from './bytes.ts'
import { honestDocument } from './honest.ts'
import { EDGES, numberNear } from './numbers.ts'
import { jsonText, NAMES } from './values.ts'

/** State frames: honest ones, ones with numbers at the boundaries, and ones with changed bytes. */
export function stateFrames(choices: Choices): Uint8Array {
  const { updates } = honestDocument(choices.below(6))
  const number = () => Math.max(0, numberNear(choices, choices.below(5)))
  const rows = choices.list(0, 4, () => ({
    seq: number(),
    segment: number(),
    data: choices.oneIn(4) ? anyBytes(choices, 6) : choices.pick(updates),
  }))
  const data = choices.oneIn(2) ? null : choices.pick(updates)
  const snapshot = choices.oneIn(2) ? { seq: number(), throughSegment: number(), data } : null
  const bytes = encodeState({ activeSegment: number(), snapshot, rows })
  return choices.oneIn(3) ? bytes : mutateBytes(choices, bytes)
}

const text = (choices: Choices): string =>
  choices.weighted<string>([
    [4, () => `\\x${toHex(choices.pick(honestDocument(choices.below(6)).updates))}`],
    [2, () => '\\x'],
    [2, () => choices.pick(['', '\\x0', '\\xzz', '\\X00', 'null', '1e3', ' 1', '０', ...NAMES])],
    [2, () => String(choices.pick([0, 1, -1, 0.5, ...EDGES, 2 ** 53, 2 ** 63]))],
  ])

/** Any JSON. Many of the values resemble a message of Electric. */
export const anyJson = (choices: Choices, depth = 0): Json =>
  choices.weighted<Json>([
    [3, () => text(choices)],
    [1, () => null],
    [1, () => choices.pick([true, 0, -1, 1.5, ...EDGES])],
    [depth > 2 ? 0 : 1, () => choices.list(0, 2, () => anyJson(choices, depth + 1))],
    [
      depth > 2 ? 0 : 1,
      () =>
        Object.fromEntries(
          choices.list(0, 2, () => [choices.pick(NAMES), anyJson(choices, depth + 1)] as const),
        ),
    ],
  ])

/** One message of a shape. Some parts have wrong types or are missing. */
export function anyMessage(choices: Choices): Json {
  const or = (value: Json): Json => (choices.oneIn(10) ? anyJson(choices) : value)
  const operation = or(choices.pick(['insert', 'update', 'delete']))
  const control = or(choices.pick(['up-to-date', 'must-refetch', 'snapshot-end']))
  const value = {
    seq: or(text(choices)),
    data: or(text(choices)),
    client_id: or(text(choices)),
  }
  const message = choices.weighted<Json>([
    [
      6,
      () => ({
        key: or('"public"."ydoc_update"/"1"'),
        value: or(value),
        headers: or({ operation }),
      }),
    ],
    [3, () => ({ headers: or({ control, global_last_seen_lsn: or('7') }) })],
    [1, () => ({ headers: { operation } })],
  ])
  return choices.oneIn(20) ? anyJson(choices) : message
}

/** One HTTP answer to a request for a shape. */
export function anyAnswer(choices: Choices): Json {
  const body = choices.weighted<string>([
    [8, () => JSON.stringify(choices.list(0, 3, () => anyMessage(choices)))],
    [
      3,
      () => choices.list(0, 3, () => `data: ${JSON.stringify(anyMessage(choices))}\n\n`).join(''),
    ],
    [1, () => jsonText(choices)],
    [
      1,
      () => choices.pick(['', '[', 'null', '<html>sign in</html>', '{"error":{"code":"deleted"}}']),
    ],
  ])
  const headers: Record<string, string> = {
    'content-type': choices.pick(['application/json', 'text/event-stream', 'text/html', 'x']),
  }
  const set = (name: string, values: readonly string[]) => {
    if (!choices.oneIn(8)) headers[name] = choices.pick(values)
  }
  set('electric-handle', ['1-2', '', '__proto__', 'x'.repeat(300)])
  set('electric-offset', ['0_0', '7_0', '-1', 'now', '', '9007199254740993_0', 'x_y'])
  set('electric-schema', [
    '{"seq":{"type":"int8"}}',
    '{',
    'null',
    '[]',
    '{"seq":null}',
    '{"__proto__":{}}',
  ])
  set('electric-cursor', ['1', 'x', '99999999999999999999'])
  if (choices.oneIn(2)) headers['electric-up-to-date'] = ''
  const status = choices.weighted<number>([
    [10, () => 200],
    [2, () => choices.pick([204, 304, 400, 401, 403, 404, 409, 410, 429, 500, 503])],
  ])
  return { status, headers, body }
}
