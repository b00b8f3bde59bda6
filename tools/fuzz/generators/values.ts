import * as encoding from 'lib0/encoding'
import type { Choices } from '../engine/choices.ts'
import { EDGES } from './numbers.ts'

/** Names with a meaning in JavaScript, Yjs or a format. */
export const NAMES = [
  'text',
  'map',
  'xml',
  'array',
  'k0',
  'k1',
  'level',
  'new',
  '',
  '__proto__',
  'constructor',
  'toString',
  'href',
  'default',
  'ünï😀',
  '\u0000',
] as const

export const STRINGS = [
  'a',
  'bc',
  '😀',
  'x\r\ny',
  '\u0000',
  '\ufeffa',
  '</p><script>',
  'é',
] as const

/** Writes one value in lib0's `any` encoding byte by byte, because lib0 itself would refuse most values. */
export function writeAnyValue(encoder: encoding.Encoder, choices: Choices, depth = 0): void {
  const tag = (value: number) => encoding.writeUint8(encoder, value)
  choices.weighted<void>([
    [4, () => tag(126)],
    [2, () => tag(127)],
    [2, () => tag(120 + choices.below(2))],
    [
      3,
      () => {
        tag(125)
        encoding.writeVarInt(encoder, choices.pick([0, 1, -0, -5, ...EDGES]))
      },
    ],
    [
      2,
      () => {
        tag(124)
        encoding.writeFloat32(encoder, choices.pick(FLOATS))
      },
    ],
    [
      2,
      () => {
        tag(123)
        encoding.writeFloat64(encoder, choices.pick(FLOATS))
      },
    ],
    [
      1,
      () => {
        tag(122)
        encoding.writeBigInt64(encoder, choices.pick([0n, 1n, -(2n ** 63n), 2n ** 62n]))
      },
    ],
    [
      3,
      () => {
        tag(119)
        encoding.writeVarString(encoder, choices.pick([...STRINGS, ...NAMES]))
      },
    ],
    [
      2,
      () => {
        tag(116)
        encoding.writeVarUint8Array(encoder, Uint8Array.from([0, choices.below(256)]))
      },
    ],
    [depth > 3 ? 0 : 3, () => writeObject(encoder, choices, depth)],
    [
      depth > 3 ? 0 : 2,
      () => {
        tag(117)
        const length = choices.below(4)
        encoding.writeVarUint(encoder, length)
        for (let i = 0; i < length; i++) writeAnyValue(encoder, choices, depth + 1)
      },
    ],
    [1, () => (choices.oneIn(12) ? writeNested(encoder, choices) : tag(126))],
    [1, () => tag(choices.oneIn(20) ? choices.below(128) : 126)],
  ])
}

const FLOATS = [0, 0.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 2 ** 53, 1e-320] as const

function writeObject(encoder: encoding.Encoder, choices: Choices, depth: number): void {
  encoding.writeUint8(encoder, 118)
  const keys = choices.list(0, 3, () => choices.pick(NAMES))
  encoding.writeVarUint(encoder, keys.length)
  for (const key of keys) {
    encoding.writeVarString(encoder, key)
    writeAnyValue(encoder, choices, depth + 1)
  }
}

/** Writes nested lists or objects that are deeper than a stack. */
function writeNested(encoder: encoding.Encoder, choices: Choices): void {
  const depth = choices.pick([5, 50, 500, 5_000, 20_000])
  const isObject = choices.oneIn(2)
  for (let i = 0; i < depth; i++) {
    encoding.writeUint8(encoder, isObject ? 118 : 117)
    encoding.writeVarUint(encoder, 1)
    if (isObject) encoding.writeVarString(encoder, 'a')
  }
  encoding.writeUint8(encoder, 126)
}

/** A value as JSON text for embeds and formats. Some of it is invalid JSON. */
export function jsonText(choices: Choices, depth = 0): string {
  return choices.weighted<string>([
    [
      8,
      () =>
        choices.pick([
          'null',
          'true',
          '1',
          '-0',
          '1.5',
          '""',
          '"a"',
          '{}',
          '[]',
          '1e999',
          '1e-400',
        ]),
    ],
    [2, () => choices.pick(['"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"', '"__proto__"'])],
    [
      3,
      () =>
        `{${choices
          .list(
            0,
            3,
            () =>
              `${JSON.stringify(choices.pick(NAMES))}:${depth > 3 ? 1 : jsonText(choices, depth + 1)}`,
          )
          .join(',')}}`,
    ],
    [1, () => `[${depth > 3 ? '' : jsonText(choices, depth + 1)}]`],
    [
      1,
      () =>
        choices.oneIn(8) ? choices.pick(['undefined', 'x', '{', '', 'NaN']) : '{"image":"a.png"}',
    ],
    [
      1,
      () => {
        const many = choices.oneIn(12) ? choices.pick([1_000, 10_000]) : 10
        return `${'['.repeat(many)}${']'.repeat(many)}`
      },
    ],
  ])
}
