// A strict reader of one shape, which checks that every message fits the rows that it already has.
import type { ShapeService } from '@y-electric/embedded'

interface Message {
  readonly key?: string
  readonly value?: Readonly<Record<string, string | null>>
  readonly headers: { readonly operation?: string; readonly control?: string }
}

export class ShapeReader {
  readonly rows = new Map<string, Record<string, string | null>>()
  readonly #service: ShapeService
  readonly #query: Readonly<Record<string, string>>
  #handle: string | null = null
  #offset = '-1'

  constructor(service: ShapeService, query: Readonly<Record<string, string>>) {
    this.#service = service
    this.#query = query
  }

  request(extra: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Response> {
    const query = new URLSearchParams({ ...this.#query, offset: this.#offset, ...extra })
    if (this.#handle !== null) query.set('handle', this.#handle)
    const url = `http://shapes.test/v1/shape?${query}`
    return this.#service.fetch(new Request(url, signal === undefined ? {} : { signal }))
  }

  /** Reads to the current end of the log. Returns the status of the last response. */
  async catchUp(): Promise<number> {
    for (;;) {
      const response = await this.request()
      if (response.status !== 200) return response.status
      await this.take(response)
      if (response.headers.has('electric-up-to-date')) return 200
    }
  }

  /** Applies the messages and the offset of a response. */
  async take(response: Response): Promise<void> {
    const messages: Message[] = await response.json()
    for (const message of messages) this.#apply(message)
    this.#handle = response.headers.get('electric-handle')
    this.#offset = response.headers.get('electric-offset') ?? ''
  }

  /** The rows of the reader, as SQL would list them. */
  get list(): Record<string, string | null>[] {
    return [...this.rows.values()].sort((a, b) => Number(a.id) - Number(b.id))
  }

  #apply({ key, value, headers: { operation } }: Message): void {
    if (key === undefined || value === undefined) return
    const known = this.rows.get(key)
    if ((operation === 'insert') !== (known === undefined)) {
      throw new Error(
        `${operation} of ${key}, which is ${known === undefined ? 'not ' : 'already '}present`,
      )
    }
    if (operation === 'delete') this.rows.delete(key)
    else this.rows.set(key, { ...known, ...value })
  }
}
