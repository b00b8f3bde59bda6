import { RequestError } from '@y-electric/server'
import * as Y from 'yjs'
import type { RootChoice } from './formats.ts'
import { listRoots, openRoot } from './roots.ts'
import { deltaOf } from './shared-values.ts'

/** Characters around a value: quotes, a comma, braces, the names of an operation. */
const AROUND_VALUE = 4

/**
 * Refuses a document that is larger than `maxBytes` as JSON, before anything is written. A few kilobytes
 * of updates can make many megabytes: one large format over a text applies to each of its runs. The
 * estimate does not copy values, and it ends as soon as the limit is passed.
 * @throws {RequestError} export_too_large
 */
export function requireExportFits(doc: Y.Doc, choice: RootChoice, maxBytes: number): void {
  const estimate = new Estimate(maxBytes)
  for (const { name, type } of listRoots(doc)) {
    if (choice.root !== undefined && choice.root !== name) continue
    // Yjs fixes the type of a root when it is opened, so the estimate must open the root as the same type as the
    // format does.
    const requested = choice.root === name ? (choice.type ?? type) : type
    if (requested !== null) estimate.add(openRoot(doc, name, requested))
  }
}

/** Refuses written output that is too large. @throws {RequestError} export_too_large */
export function requireBodyFits(body: string | Uint8Array, maxBytes: number): void {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  if (bytes > maxBytes) throw tooLarge(maxBytes)
}

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError(
    'export_too_large',
    `the document has more than ${maxBytes} bytes in this format: request another format, or raise the limit (maxExportBytes, or --max-bytes of the command)`,
  )

class Estimate {
  readonly #maxBytes: number
  #bytes = 0
  /** The sizes of values that many runs of a text share. */
  readonly #sizes = new WeakMap<object, number>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(type: unknown): void {
    if (type instanceof Y.Text) {
      for (const { insert, attributes = {} } of deltaOf(type)) {
        this.#addValue(insert)
        for (const [name, value] of Object.entries(attributes)) {
          this.#count(name.length)
          this.#addValue(value)
        }
      }
    }
    if (type instanceof Y.XmlElement) this.#count(type.nodeName.length)
    if (type instanceof Y.Text || type instanceof Y.XmlFragment) {
      for (const [name, value] of Object.entries(Y.XmlElement.prototype.getAttributes.call(type))) {
        this.#count(name.length)
        this.#addValue(value)
      }
    }
    if (type instanceof Y.XmlFragment || type instanceof Y.Array) {
      for (const child of type.toArray()) this.#addValue(child)
    }
    // An XmlHook is a map.
    if (type instanceof Y.Map) {
      for (const [name, value] of type.entries()) {
        this.#count(name.length)
        this.#addValue(value)
      }
    }
  }

  #addValue(value: unknown): void {
    if (value instanceof Y.AbstractType) {
      this.#count(0)
      this.add(value)
    } else this.#count(this.#sizeOf(value))
  }

  #sizeOf(value: unknown): number {
    if (typeof value === 'string') return value.length
    if (value instanceof Uint8Array) return value.byteLength
    // A subdocument is written as its guid and meta. The object itself is circular.
    if (value instanceof Y.Doc) return value.guid.length + this.#sizeOf(value.meta)
    if (typeof value !== 'object' || value === null) return AROUND_VALUE
    const known = this.#sizes.get(value)
    if (known !== undefined) return known
    const size = Object.entries(value).reduce(
      (sum, [name, part]) =>
        sum + AROUND_VALUE + (Array.isArray(value) ? 0 : name.length) + this.#sizeOf(part),
      0,
    )
    this.#sizes.set(value, size)
    return size
  }

  #count(size: number): void {
    this.#bytes += size + AROUND_VALUE
    if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes)
  }
}
