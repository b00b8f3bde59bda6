// Writes Yjs v1 updates struct by struct, in the format but without its rules.
import * as encoding from 'lib0/encoding'
import type { Choices } from '../engine/choices.ts'
import { countOf, EDGES, numberNear } from './numbers.ts'
import { jsonText, NAMES, STRINGS, writeAnyValue } from './values.ts'

/** Client ids of the honest writers. */
export const HONEST_CLIENTS = [1, 2, 3] as const
const HOSTILE_CLIENTS = [100, 101, 102] as const

/** Bits of a struct's first byte. The lower five are the kind of content. */
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_PARENT_SUB = 0x20

/** The clock of each hostile client across all updates of one input. */
export type Clocks = Map<number, number>

/** Writes one update. Advances `clocks`, so that the next update can continue from there. */
export function anyUpdate(choices: Choices, clocks: Clocks): Uint8Array {
  const encoder = encoding.createEncoder()
  const drawn = choices.list(1, 3, () => anyClient(choices))
  // Mostly in the order in which Yjs writes clients.
  const clients = choices.oneIn(20) ? drawn : [...new Set(drawn)].sort((a, b) => b - a)
  encoding.writeVarUint(encoder, countOf(choices, clients))
  for (const client of clients) writeClient(encoder, choices, client, clocks)
  writeDeletes(encoder, choices, clocks)
  return encoding.toUint8Array(encoder)
}

const anyClient = (choices: Choices): number =>
  choices.weighted<number>([
    [30, () => choices.pick(HOSTILE_CLIENTS)],
    [1, () => choices.pick(HONEST_CLIENTS)],
    [1, () => choices.pick([0, ...EDGES])],
  ])

function writeClient(
  encoder: encoding.Encoder,
  choices: Choices,
  client: number,
  clocks: Clocks,
): void {
  const count = 1 + choices.below(5)
  let clock = numberNear(choices, clocks.get(client) ?? 0)
  encoding.writeVarUint(encoder, choices.oneIn(100) ? numberNear(choices, count) : count)
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
  for (let i = 0; i < count; i++) clock += writeStruct(encoder, choices, { client, clock, clocks })
  if (Number.isSafeInteger(clock)) clocks.set(client, clock)
}

interface Place {
  readonly client: number
  readonly clock: number
  readonly clocks: Clocks
}

/** @returns the number of ids that the struct takes */
function writeStruct(encoder: encoding.Encoder, choices: Choices, place: Place): number {
  const kind = choices.weighted<number>([
    [120, () => choices.pick([4, 8, 7, 6, 5, 9, 3, 2, 1])],
    [6, () => choices.pick([0, 10])],
    [1, () => choices.below(32)],
  ])
  if (kind === 0 || kind === 10) {
    encoding.writeUint8(encoder, kind)
    return writeLength(encoder, choices)
  }
  const origins = choices.pick([0, HAS_ORIGIN, HAS_ORIGIN | HAS_RIGHT_ORIGIN, HAS_RIGHT_ORIGIN])
  const sub = choices.pick([0, HAS_PARENT_SUB])
  encoding.writeUint8(encoder, kind | origins | sub)
  if (origins & HAS_ORIGIN) writeId(encoder, choices, place)
  if (origins & HAS_RIGHT_ORIGIN) writeId(encoder, choices, place)
  if (origins === 0) {
    writeParent(encoder, choices, place)
    if (sub !== 0) encoding.writeVarString(encoder, choices.pick(NAMES))
  }
  return writeContent(encoder, choices, kind)
}

function writeLength(encoder: encoding.Encoder, choices: Choices): number {
  const length = choices.oneIn(25) ? choices.pick([0, ...EDGES]) : 1 + choices.below(5)
  encoding.writeVarUint(encoder, length)
  return length
}

function writeParent(encoder: encoding.Encoder, choices: Choices, place: Place): void {
  const isRoot = !choices.oneIn(3)
  encoding.writeVarUint(encoder, isRoot ? 1 : choices.oneIn(30) ? 2 : 0)
  if (isRoot) encoding.writeVarString(encoder, choices.pick(NAMES))
  else writeId(encoder, choices, place)
}

/** Mostly an id that exists: of an honest writer, of this update, or of another hostile client. */
function writeId(encoder: encoding.Encoder, choices: Choices, { client, clock, clocks }: Place) {
  const [ofClient, ofClock] = choices.weighted<readonly [number, number]>([
    [6, () => [choices.pick(HONEST_CLIENTS), choices.below(30)]],
    [6, () => [client, Math.max(0, clock - 1 - choices.below(3))]],
    [3, () => [choices.pick(HOSTILE_CLIENTS), choices.below(8)]],
    [choices.oneIn(4) ? 1 : 0, () => [client, clock + choices.below(3)]],
    [1, () => [client, clocks.get(client) ?? 0]],
    [1, () => [choices.pick([7, ...EDGES]), choices.pick([0, ...EDGES])]],
  ])
  encoding.writeVarUint(encoder, ofClient)
  encoding.writeVarUint(encoder, Math.min(2 ** 53 - 1, ofClock))
}

function writeContent(encoder: encoding.Encoder, choices: Choices, kind: number): number {
  const text = (value: string) => encoding.writeVarString(encoder, value)
  switch (kind) {
    case 1:
      return writeLength(encoder, choices)
    case 2: {
      const values = choices.list(0, 3, () => jsonText(choices))
      encoding.writeVarUint(encoder, values.length)
      for (const value of values) text(value)
      return values.length
    }
    case 3:
      encoding.writeVarUint8Array(encoder, Uint8Array.from(choices.list(0, 4, () => 7)))
      return 1
    case 4: {
      const value = choices.list(choices.oneIn(60) ? 0 : 1, 4, () => choices.pick(STRINGS)).join('')
      text(value)
      return value.length
    }
    case 5:
      text(jsonText(choices))
      return 1
    case 6:
      text(choices.pick(['bold', 'link', ...NAMES]))
      text(jsonText(choices))
      return 1
    case 7: {
      const type = choices.oneIn(60) ? choices.below(40) : choices.below(7)
      encoding.writeVarUint(encoder, type)
      if (type === 3 || type === 5) text(choices.pick(['p', 'heading', 'image', 'table', ...NAMES]))
      return 1
    }
    case 8: {
      const count = choices.oneIn(60) ? 0 : 1 + choices.below(3)
      encoding.writeVarUint(encoder, count)
      for (let i = 0; i < count; i++) writeAnyValue(encoder, choices)
      return count
    }
    case 9:
      text(choices.pick(['sub', ...NAMES]))
      writeAnyValue(encoder, choices)
      return 1
    default:
      return 1
  }
}

function writeDeletes(encoder: encoding.Encoder, choices: Choices, clocks: Clocks): void {
  const drawn = choices.list(0, 2, () => choices.pick([...HONEST_CLIENTS, ...HOSTILE_CLIENTS]))
  const clients = choices.oneIn(20) ? drawn : [...new Set(drawn)].sort((a, b) => b - a)
  encoding.writeVarUint(encoder, countOf(choices, clients))
  for (const client of clients) {
    const ranges = choices.list(1, 3, (index) => index)
    encoding.writeVarUint(encoder, choices.oneIn(60) ? client + 2 ** 32 : client)
    encoding.writeVarUint(encoder, countOf(choices, ranges))
    for (const index of ranges) {
      const last = Math.max(0, (clocks.get(client) ?? 12) - 4 + 2 * index)
      encoding.writeVarUint(encoder, numberNear(choices, last))
      encoding.writeVarUint(encoder, numberNear(choices, 1))
    }
  }
}
