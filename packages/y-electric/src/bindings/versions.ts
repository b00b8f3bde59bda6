import type { ElectricProviderError } from '../errors.ts'
import { errorOfResponse, foreignAnswer } from '../io/answers.ts'
import { createHttp, type Http } from '../io/http.ts'
import { systemPlatform } from '../io/platform.ts'
import { parseApiUrl } from '../io/url.ts'
import { restorePath, snapshotPath, snapshotsPath, versionsPath } from '../protocol/paths.ts'
import { type Connection, isServer, newestHeaders } from './connection.ts'
import { Listeners, type Store } from './store.ts'

/** A stored state of the document, to which it can return. */
export interface Version {
  readonly seq: number
  /** `kept`: kept by name. `fold`: written by compaction, and deleted after a while unless it has a label. */
  readonly kind: 'kept' | 'fold'
  readonly label: string | null
  /** The user who kept it, if the server knows users. */
  readonly createdBy: string | null
  readonly bytes: number
  /** ISO 8601. */
  readonly createdAt: string
}

export interface Versions {
  /** Newest first. */
  readonly versions: readonly Version[]
  readonly isLoading: boolean
  /** Why the last request failed; null if it did not. */
  readonly error: ElectricProviderError | null
}

export const NO_VERSIONS: Versions = Object.freeze({
  versions: Object.freeze([]),
  isLoading: true,
  error: null,
})

/** How long a request may take, in milliseconds. Keeping and restoring rebuild the document. */
const DEADLINE_MS = 30_000

/** The versions of a document. They are read when the first component subscribes, and after each change of them. */
export class VersionsStore implements Store<Versions> {
  readonly #docId: string
  readonly #http: Http
  readonly #at: (path: string) => string
  readonly #listeners = new Listeners()
  #versions = NO_VERSIONS
  #reading: symbol | null = null

  constructor(connection: Connection, docId: string) {
    const { options } = connection
    this.#docId = docId
    this.#http = createHttp({
      headers: newestHeaders(connection),
      fetch: options.fetch,
      platform: systemPlatform,
    })
    this.#at = (path) => parseApiUrl(options.url).at(path)
  }

  readonly get = (): Versions => this.#versions

  readonly subscribe = (listener: () => void): (() => void) => {
    if (isServer()) return () => {}
    const remove = this.#listeners.add(listener)
    if (this.#listeners.size === 1) void this.refresh()
    return remove
  }

  /** Reads the list again. Resolves when it has; a failure is in `error`. */
  readonly refresh = async (): Promise<void> => {
    const own = Symbol('a read of the list')
    this.#reading = own
    this.#set({ isLoading: true })
    try {
      const versions = await this.#list()
      if (this.#reading === own) this.#set({ versions, isLoading: false, error: null })
    } catch (error) {
      if (this.#reading !== own) return
      this.#set({ isLoading: false, error: error as ElectricProviderError })
    }
  }

  /** Keeps the document as it is on the server under a name. @throws {ElectricProviderError} */
  readonly keep = (label: string): Promise<void> =>
    this.#change(versionsPath(this.#docId), 'POST', { label })

  /** Names a version, or with null removes its name. @throws {ElectricProviderError} */
  readonly rename = (seq: number, label: string | null): Promise<void> =>
    this.#change(snapshotPath(this.#docId, seq), 'PATCH', { label })

  /**
   * Returns to a version: a new edit with its content, for everybody. The content before is kept as a version.
   * The server needs the routes of `@y-electric/documents`. @throws {ElectricProviderError}
   */
  readonly restore = (seq: number): Promise<void> =>
    this.#change(restorePath(this.#docId, seq), 'POST', null)

  async #list(): Promise<readonly Version[]> {
    const response = await this.#send(snapshotsPath(this.#docId), {})
    const answer: unknown = await response.json().catch(() => null)
    const list = (answer as { snapshots?: unknown } | null)?.snapshots
    if (Array.isArray(list)) return Object.freeze(list.map((version) => Object.freeze(version)))
    throw await foreignAnswer(response, 'a list of versions')
  }

  async #change(path: string, method: string, body: object | null): Promise<void> {
    const content =
      body === null
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await this.#send(path, { method, ...content })
    await response.arrayBuffer()
    await this.refresh()
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#http.send(this.#at(path), { ...init, deadlineMs: DEADLINE_MS })
    if (!response.ok) throw await errorOfResponse(response)
    return response
  }

  #set(change: Partial<Versions>): void {
    this.#versions = Object.freeze({ ...this.#versions, ...change })
    this.#listeners.tell()
  }
}
