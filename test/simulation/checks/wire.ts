// The rules about requests and answers, checked at each of them: ACK-1, ACK-3, AUTH-1, DELETE.
import { IDEMPOTENCY_KEY_HEADER } from 'y-electric/protocol'
import type { SimulatedPage } from '../browsers/page.ts'
import type { Rights } from '../rights.ts'
import { RuleBroken } from './content.ts'
import type { StoredRules } from './stored.ts'

const DECODER = new TextDecoder()

export class WireRules {
  /** The rules of each document. */
  readonly #stored: readonly StoredRules[]
  readonly #rights: Rights
  /** By batch: its bytes, and the page that sent them. */
  readonly #sent = new Map<string, { readonly bytes: string; readonly page: SimulatedPage }>()
  /** By page: the id under which it first sent some bytes, until they are acked. */
  readonly #unacked = new WeakMap<SimulatedPage, Map<string, string>>()
  /** Requests for which the server called `authorize`. */
  readonly #asked = new WeakSet<Request>()
  readonly #refused = new WeakSet<Request>()
  /** Requests that arrived after the document had been deleted. */
  readonly #late = new WeakSet<Request>()

  constructor(stored: readonly StoredRules[], rights: Rights) {
    this.#stored = stored
    this.#rights = rights
  }

  authorized(request: Request, isAllowed: boolean): void {
    this.#asked.add(request)
    if (!isAllowed) this.#refused.add(request)
  }

  requested(page: SimulatedPage, request: Request, body: Uint8Array | null): void {
    if (this.#stored.some((rules) => rules.isDeleted && rules.concerns(request.url))) {
      this.#late.add(request)
    }
    const batchId = batchOf(request)
    if (batchId === null || body === null) return
    const bytes = Buffer.from(body).toString('base64')
    const before = this.#sent.get(batchId)
    // A page sends edits without waiting for its device store. If it loses the store, or ends before the store has
    // them, a later page sends the stored bytes under the same id. The server answers that it has the batch, and the
    // later page compares its document with state.
    const mayDiffer =
      before !== undefined &&
      before.page !== page &&
      (before.page.hasLostStore || before.page.hasLostCommit)
    if (before !== undefined && before.bytes !== bytes && !mayDiffer) {
      throw new RuleBroken('ACK-3', `${page.name} sends other bytes under the id ${batchId}`)
    }
    this.#sent.set(batchId, { bytes, page })
    this.#requireSameId(page, batchId, bytes)
  }

  /**
   * Edits without an ack keep the id under which they were sent, unless the app has asked for other
   * batches.
   */
  #requireSameId(page: SimulatedPage, batchId: string, bytes: string): void {
    const unacked = this.#unacked.get(page) ?? new Map<string, string>()
    this.#unacked.set(page, unacked)
    const before = unacked.get(bytes)
    if (before !== undefined && before !== batchId && !page.hasLostStore && !page.hasResent) {
      throw new RuleBroken('ACK-3', `${page.name} sends ${before} again as ${batchId}`)
    }
    unacked.set(bytes, batchId)
  }

  /**
   * Called at an ack, before the page has the answer. From now on its next batch may contain another edit.
   */
  #acked(request: Request): void {
    const batchId = batchOf(request)
    const page = batchId === null ? undefined : this.#sent.get(batchId)?.page
    const unacked = page && this.#unacked.get(page)
    for (const [bytes, id] of unacked ?? []) if (id === batchId) unacked?.delete(bytes)
  }

  answered(request: Request, response: Response): void {
    if (!response.ok && response.status !== 304) return
    // The server authorises each stream of this response separately.
    const isJoint = new URL(request.url).pathname.endsWith('/live')
    if (!isJoint && (!this.#asked.has(request) || this.#refused.has(request))) {
      throw new RuleBroken(
        'AUTH-1',
        `${request.method} ${request.url} was answered without a call of authorize`,
      )
    }
    // A client that leaves a document has no presence row afterwards, deleted or not.
    const leaves = request.method === 'DELETE' && request.url.includes('/awareness/')
    if (this.#late.has(request) && !leaves) {
      throw new RuleBroken('DELETE', `${request.method} ${request.url} found a deleted document`)
    }
    const batchId = batchOf(request)
    if (batchId !== null && !this.#stored.some((rules) => rules.wasCommitted(batchId))) {
      throw new RuleBroken('ACK-1', `the batch ${batchId} was acked and is not committed`)
    }
    this.#acked(request)
  }

  /** Called when the server has sent bytes of a shape to a page. */
  delivered(page: SimulatedPage, bytes: Uint8Array): void {
    const { name } = page.browser.options
    const darkSince = this.#rights.darkSince(name)
    if (darkSince === null) return
    for (const [, seq] of DECODER.decode(bytes).matchAll(/"seq":"(\d+)"/g)) {
      const committedAt = this.#stored[0]?.committedAt(Number(seq)) ?? 0
      if (committedAt <= darkSince) continue
      throw new RuleBroken('AUTH-1', `${page.name} may not read, but gets row ${seq}`)
    }
  }
}

function batchOf(request: Request): string | null {
  if (request.method !== 'POST' || !new URL(request.url).pathname.endsWith('/updates')) return null
  return request.headers.get(IDEMPOTENCY_KEY_HEADER)
}
