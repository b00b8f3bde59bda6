// Writes the bytes of updates that Yjs would not write.
import * as encoding from 'lib0/encoding'

export type Write = (encoder: encoding.Encoder) => void
type Id = readonly [client: number, clock: number]

const varuints =
  (...numbers: readonly number[]): Write =>
  (encoder) => {
    for (const number of numbers) encoding.writeVarUint(encoder, number)
  }
export const bytes =
  (...given: readonly number[]): Write =>
  (encoder) =>
    encoding.writeUint8Array(encoder, new Uint8Array(given))
export const text =
  (content: string): Write =>
  (encoder) =>
    encoding.writeVarString(encoder, content)
const all =
  (...writes: readonly Write[]): Write =>
  (encoder) => {
    for (const write of writes) write(encoder)
  }

/** Kinds of content, by the number in the first byte of a struct. */
export const CONTENT = {
  deleted: (length: number) => [1, varuints(length)] as const,
  json: (...parts: string[]) => [2, all(varuints(parts.length), ...parts.map(text))] as const,
  string: (content: string) => [4, text(content)] as const,
  embed: (json: string) => [5, text(json)] as const,
  format: (key: string, json: string) => [6, all(text(key), text(json))] as const,
  type: (ref: number) => [7, varuints(ref)] as const,
  any: (...values: Write[]) => [8, all(varuints(values.length), ...values)] as const,
  doc: (guid: string, options: Write) => [9, all(text(guid), options)] as const,
  unknown: (kind: number) => [kind, () => {}] as const,
}
type Content = readonly [kind: number, write: Write]

interface Place {
  readonly origin?: Id
  readonly rightOrigin?: Id
  /** The name of a root, or the id of the item that holds a type. Default: the root "t". */
  readonly parent?: string | Id
  readonly key?: string
}

export function item([kind, write]: Content, place: Place = {}): Write {
  const { origin, rightOrigin, parent = 't', key } = place
  const isPlaced = origin === undefined && rightOrigin === undefined
  const info = kind | (origin ? 128 : 0) | (rightOrigin ? 64 : 0) | (key !== undefined ? 32 : 0)
  return all(
    bytes(info),
    ...(origin ? [varuints(...origin)] : []),
    ...(rightOrigin ? [varuints(...rightOrigin)] : []),
    ...(isPlaced
      ? [typeof parent === 'string' ? all(varuints(1), text(parent)) : varuints(0, ...parent)]
      : []),
    ...(isPlaced && key !== undefined ? [text(key)] : []),
    write,
  )
}

export const gc = (length: number): Write => all(bytes(0), varuints(length))
export const skip = (length: number): Write => all(bytes(10), varuints(length))

interface Block {
  readonly client: number
  readonly clock?: number
  readonly structs: readonly Write[]
}
type Deletes = readonly (readonly [client: number, ranges: readonly (readonly number[])[]])[]

/** A v1 update. */
export function update(blocks: readonly Block[], deletes: Deletes = []): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, blocks.length)
    for (const { client, clock = 0, structs } of blocks) {
      varuints(structs.length, client, clock)(encoder)
      for (const write of structs) write(encoder)
    }
    encoding.writeVarUint(encoder, deletes.length)
    for (const [client, ranges] of deletes) {
      varuints(client, ranges.length)(encoder)
      for (const range of ranges) varuints(...range)(encoder)
    }
  })
}

/** One client's structs from clock 0 on. */
export const of = (...structs: readonly Write[]): Uint8Array => update([{ client: 1, structs }])

/**
 * A v2 update that repeats the same content many times: `columns` are its run-length encoded parts,
 * in order.
 */
export const v2 = (columns: readonly (readonly number[])[], rest: Write): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 0)
    for (const column of columns) encoding.writeVarUint8Array(encoder, new Uint8Array(column))
    rest(encoder)
  })

/** A v2 update of `count` structs of garbage, each of length 1. */
export const manyInV2 = (count: number): Uint8Array => {
  const lengths = encoding.encode((encoder) => {
    // A negative number means that the number of repeats follows.
    encoding.writeVarInt(encoder, -1)
    encoding.writeVarUint(encoder, count)
  })
  return v2([[], [1], [], [], [0], [0], [], [], [...lengths]], varuints(1, count, 0, 0))
}

/** A value within this many lists. */
export const nested =
  (levels: number): Write =>
  (encoder) => {
    for (let level = 0; level < levels; level++) encoding.writeUint8Array(encoder, LIST_OF_ONE)
    encoding.writeUint8(encoder, 126)
  }
const LIST_OF_ONE = new Uint8Array([117, 1])

/**
 * Items at the start of one list, each before another letter: each is compared with all before it.
 */
export function competing(count: number): Uint8Array {
  const tail = { client: count + 1, structs: [item(CONTENT.string('x'.repeat(count)))] }
  const others = Array.from({ length: count }, (_, i) => ({
    client: i + 1,
    structs: [item(CONTENT.string('a'), { rightOrigin: [count + 1, i] })],
  }))
  // Yjs writes the highest client id first.
  return update([tail, ...others.reverse()])
}

/** This many empty byte arrays in one list. */
export const byteArrays = (count: number): Content => [
  8,
  (encoder) => {
    encoding.writeVarUint(encoder, count)
    for (let i = 0; i < count; i++) encoding.writeUint8Array(encoder, EMPTY_BYTES)
  },
]
const EMPTY_BYTES = new Uint8Array([116, 0])
