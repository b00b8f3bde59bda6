import type { Choices } from '../engine/choices.ts'

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
/** Decodes bytes into a separate buffer. */
export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

export const anyBytes = (choices: Choices, most: number): Uint8Array =>
  Uint8Array.from(choices.list(0, most, () => choices.below(256)))

/** Varuints of large numbers. */
const CLAIMS = [
  [0x00],
  [0x7f],
  [0xff, 0xff, 0x03],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
] as const

/** Changes bytes in one to four positions. */
export function mutateBytes(choices: Choices, bytes: Uint8Array): Uint8Array {
  // A plain loop, because copying through an iterator takes longer than most code that reads the bytes.
  const changed = new Array<number>(bytes.length)
  for (let at = 0; at < bytes.length; at++) changed[at] = bytes[at] ?? 0
  const times = 1 + choices.below(4)
  for (let time = 0; time < times; time++) {
    const at = choices.below(changed.length + 1)
    const length = 1 + choices.below(6)
    choices.weighted<unknown>([
      [4, () => changed.splice(at, 1, choices.below(256))],
      [2, () => changed.splice(at, 1, (changed[at] ?? 0) ^ (1 << choices.below(8)))],
      [2, () => changed.splice(at, length)],
      [1, () => changed.splice(at)],
      [2, () => changed.splice(at, 0, ...changed.slice(at, at + length))],
      [2, () => changed.splice(at, 0, ...choices.list(1, 4, () => choices.below(256)))],
      [2, () => changed.splice(at, choices.below(3), ...choices.pick(CLAIMS))],
      [1, () => changed.splice(at, 0, ...changed.slice(choices.below(changed.length + 1)))],
    ])
  }
  const result = new Uint8Array(changed.length)
  for (let at = 0; at < changed.length; at++) result[at] = changed[at] ?? 0
  return result
}
