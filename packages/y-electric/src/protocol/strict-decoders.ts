import * as Y from 'yjs'
import { readValue, requireJsonValue, type Weigh } from './values.ts'

/** What an update may hold. */
export interface DecodingLimits {
  /**
   * Most structs. A range of deletes counts as one, and so does a byte array within a value; eight lists
   * or objects within values as one; a subdocument as 20.
   */
  readonly maxStructs: number
  /** Most characters of names and keys. Yjs v2 writes a name once that may occur a million times. */
  readonly maxNameLength?: number
}

/** Thrown when an update holds more than it may. The limit says what. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError'
}

/** A Y.Doc takes as much memory as this many items. */
export const SUBDOCUMENT_WEIGHT = 20

/** Likewise, for each client of an update beyond the first. */
const CLIENT_WEIGHT = 1 / 4

/** The kind of content in the first byte of a struct, and the kind that is a subdocument. */
const CONTENT_BITS = 31
const SUBDOCUMENT = 9

/**
 * Counts what an update holds while it is decoded, so that bytes which claim to be huge are refused
 * before they take memory.
 */
export class Meter {
  readonly #limits: DecodingLimits
  #weight = 0
  #nameLength = 0
  readonly #clients = new Set<number>()

  constructor(limits: DecodingLimits) {
    this.#limits = limits
  }

  /** What was counted so far, in structs. */
  get structs(): number {
    return Math.ceil(this.#weight)
  }

  /** How many clients have structs, as the update says. */
  get clients(): number {
    return this.#clients.size
  }

  readonly weigh: Weigh = (weight) => {
    this.#weight += weight
    const { maxStructs } = this.#limits
    if (this.#weight > maxStructs) throw new TooMuchError(`it has more than ${maxStructs} structs`)
  }

  /** The first byte of a struct. lib0 reads `undefined` behind the end of its bytes. */
  info(info: number | undefined): number {
    if (info === undefined) throw new Error('it is cut short')
    this.weigh((info & CONTENT_BITS) === SUBDOCUMENT ? SUBDOCUMENT_WEIGHT : 1)
    return info
  }

  /** The client of the structs that follow. Yjs takes the last part of a client that occurs twice. */
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

type V1 = ConstructorParameters<typeof Y.UpdateDecoderV1>[0]

/** Yjs v1, with its structs counted and every value checked. */
export const strictDecoderV1 = (meter: Meter): typeof Y.UpdateDecoderV1 =>
  class extends Y.UpdateDecoderV1 {
    override readInfo(): number {
      return meter.info(super.readInfo())
    }

    override readClient(): number {
      return meter.client(super.readClient())
    }

    override readAny(): unknown {
      return readValue(this.restDecoder as V1, meter.weigh)
    }

    override readJSON(): unknown {
      const value: unknown = super.readJSON()
      requireJsonValue(value, meter.weigh)
      return value
    }
  }

/** Yjs v2, likewise. */
export const strictDecoderV2 = (meter: Meter): typeof Y.UpdateDecoderV2 =>
  class extends countingDecoderV2(meter) {
    override readClient(): number {
      return meter.client(super.readClient())
    }

    override readAny(): unknown {
      return readValue(this.restDecoder as V1, meter.weigh)
    }

    override readJSON(): unknown {
      return readValue(this.restDecoder as V1, meter.weigh)
    }
  }

/** Yjs v2 with its structs counted, and as lenient as Yjs in all else. */
export const countingDecoderV2 = (meter: Meter): typeof Y.UpdateDecoderV2 =>
  class extends Y.UpdateDecoderV2 {
    override readInfo(): number {
      return meter.info(super.readInfo())
    }

    override readKey(): string {
      const key: unknown = super.readKey()
      if (typeof key !== 'string') throw new Error('a name is missing')
      return meter.name(key)
    }
  }
