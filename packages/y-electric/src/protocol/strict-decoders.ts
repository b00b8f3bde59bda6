import * as Y from 'yjs'
import { readValue, requireJsonValue, type Weigh } from './values.ts'

/** The limits of an update. */
export interface DecodingLimits {
  /**
   * Most structs. A range of deletes counts as one, and so does a byte array within a value; eight
   * lists or objects within values count as one; a subdocument as 20.
   */
  readonly maxStructs: number
  /**
   * Most characters of names and keys. Yjs v2 writes a name once even if it occurs a million times.
   */
  readonly maxNameLength?: number
}

/** Thrown when an update exceeds a limit. The message names the limit. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError'
}

/** A Y.Doc takes as much memory as this many items. */
export const SUBDOCUMENT_WEIGHT = 20

/** The same for each client of an update beyond the first. */
export const CLIENT_WEIGHT = 1 / 4

/** The kind of content in the first byte of a struct, and the kind that is a subdocument. */
const CONTENT_BITS = 31
const SUBDOCUMENT = 9

/**
 * Counts the contents of an update while it is decoded, so that bytes which claim to be huge are
 * refused before they take memory.
 */
export class Meter {
  readonly #limits: DecodingLimits
  #weight = 0
  #nameLength = 0
  readonly #clients = new Set<number>()

  constructor(limits: DecodingLimits) {
    this.#limits = limits
  }

  /** The count so far, in structs. */
  get structs(): number {
    return Math.ceil(this.#weight)
  }

  /** How many clients have structs, according to the update. */
  get clients(): number {
    return this.#clients.size
  }

  readonly weigh: Weigh = (weight) => {
    this.#weight += weight
    const { maxStructs } = this.#limits
    if (this.#weight > maxStructs) throw new TooMuchError(`it has more than ${maxStructs} structs`)
  }

  /** The first byte of a struct. lib0 returns `undefined` after the end of its bytes. */
  info(info: number | undefined): number {
    if (info === undefined) throw new Error('it is cut short')
    this.weigh((info & CONTENT_BITS) === SUBDOCUMENT ? SUBDOCUMENT_WEIGHT : 1)
    return info
  }

  /**
   * The client of the structs that follow. If a client occurs twice, Yjs uses only its last part.
   */
  client(client: number): number {
    if (this.#clients.has(client)) throw new Error(`client ${client} occurs twice`)
    if (this.#clients.size > 0) this.weigh(CLIENT_WEIGHT)
    this.#clients.add(client)
    return client
  }

  /** A name or key in full. */
  name(name: string): string {
    const { maxNameLength = Number.POSITIVE_INFINITY } = this.#limits
    this.#nameLength += name.length
    if (this.#nameLength > maxNameLength) {
      throw new TooMuchError(`its names have together more than ${maxNameLength} characters`)
    }
    return name
  }
}

type Decoder = ConstructorParameters<typeof Y.UpdateDecoderV1>[0]

/** One of the decoders below, which Yjs constructs. */
export type YjsDecoder = Y.UpdateDecoderV1 | Y.UpdateDecoderV2

/** The update that is being decoded: its count so far, its decoder, and the position. */
interface Reading {
  readonly meter: Meter
  made: YjsDecoder | null
  rest: Decoder | null
}

/**
 * Yjs constructs the decoder itself, so a decoder takes its meter from here. A class for each
 * update would avoid this, but V8 cannot optimize such a class: it decodes a keystroke many times
 * more slowly.
 */
let current: Reading = {
  meter: new Meter({ maxStructs: Number.POSITIVE_INFINITY }),
  made: null,
  rest: null,
}

/**
 * Runs `decode`, in which Yjs constructs one of the decoders below; that one counts with this
 * meter.
 */
export function metered<T>(
  meter: Meter,
  decode: () => T,
): { readonly decoded: T; readonly made: YjsDecoder | null; readonly position: number } {
  const outer = current
  const reading: Reading = { meter, made: null, rest: null }
  current = reading
  try {
    const decoded = decode()
    return { decoded, made: reading.made, position: reading.rest?.pos ?? 0 }
  } finally {
    current = outer
  }
}

/** Yjs v1, as lenient as Yjs. */
export class PlainDecoderV1 extends Y.UpdateDecoderV1 {
  constructor(decoder: Decoder) {
    super(decoder)
    current.made = this
    current.rest = decoder
  }
}

/** Yjs v1; counts the structs and checks every value. */
export class StrictDecoderV1 extends PlainDecoderV1 {
  readonly #meter = current.meter

  override readInfo(): number {
    return this.#meter.info(super.readInfo())
  }

  override readClient(): number {
    return this.#meter.client(super.readClient())
  }

  override readAny(): unknown {
    return readValue(this.restDecoder as Decoder, this.#meter.weigh)
  }

  override readJSON(): unknown {
    const value: unknown = super.readJSON()
    requireJsonValue(value, this.#meter.weigh)
    return value
  }
}

/** Yjs v2; counts the structs, and is otherwise as lenient as Yjs. */
export class CountingDecoderV2 extends Y.UpdateDecoderV2 {
  protected readonly meter = current.meter

  constructor(decoder: Decoder) {
    super(decoder)
    current.made = this
    current.rest = decoder
  }

  override readInfo(): number {
    return this.meter.info(super.readInfo())
  }

  override readKey(): string {
    const key: unknown = super.readKey()
    if (typeof key !== 'string') throw new Error('a name is missing')
    return this.meter.name(key)
  }
}

/** Yjs v2; counts the structs and checks every value. */
export class StrictDecoderV2 extends CountingDecoderV2 {
  override readClient(): number {
    return this.meter.client(super.readClient())
  }

  override readAny(): unknown {
    return readValue(this.restDecoder as Decoder, this.meter.weigh)
  }

  override readJSON(): unknown {
    return readValue(this.restDecoder as Decoder, this.meter.weigh)
  }
}
