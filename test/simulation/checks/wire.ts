// Checks the rules about requests and answers at each of them: ACK-1, ACK-3, AUTH-1.
import { IDEMPOTENCY_KEY_HEADER } from 'y-electric/protocol'
import type { SimulatedPage } from '../browsers/page.ts'
import { RuleBroken } from './content.ts'
import type { StoredRules } from './stored.ts'

export class WireRules {
  readonly #stored: StoredRules
  /** For each batch id, the bytes and the page that sent them. */
  readonly #sent = new Map<string, { readonly bytes: string; readonly page: SimulatedPage }>()
  /** Requests that `authorize` was asked about. */
  readonly #asked = new WeakSet<Request>()

  constructor(stored: StoredRules) {
    this.#stored = stored
  }

  authorized(request: Request): void {
    this.#asked.add(request)
  }

  requested(page: SimulatedPage, request: Request, body: Uint8Array | null): void {
    const batchId = batchOf(request)
    if (batchId === null || body === null) return
    const bytes = Buffer.from(body).toString('base64')
    const before = this.#sent.get(batchId)
    // A page that lost its store sends more than is stored under an id. A later page sends the stored bytes.
    // The server answers that it has the batch, and the page compares its document with state.
    const mayDiffer = before !== undefined && before.page !== page && before.page.hasLostStore
    if (before !== undefined && before.bytes !== bytes && !mayDiffer) {
      throw new RuleBroken('ACK-3', `${page.name} sends other bytes under the id ${batchId}`)
    }
    this.#sent.set(batchId, { bytes, page })
  }

  answered(request: Request, response: Response): void {
    if (!response.ok && response.status !== 304) return
    if (!this.#asked.has(request)) {
      throw new RuleBroken(
        'AUTH-1',
        `${request.method} ${request.url} was answered without asking authorize`,
      )
    }
    const batchId = batchOf(request)
    if (batchId !== null && !this.#stored.wasCommitted(batchId)) {
      throw new RuleBroken('ACK-1', `the batch ${batchId} was acked and is not committed`)
    }
  }
}

function batchOf(request: Request): string | null {
  if (request.method !== 'POST' || !new URL(request.url).pathname.endsWith('/updates')) return null
  return request.headers.get(IDEMPOTENCY_KEY_HEADER)
}
