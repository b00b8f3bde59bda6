// Records the rights of each browser, and the time at which the servers received the revocation of a right.
import type { AuthorizationRequest } from '@y-electric/server'

export type Right = 'write' | 'read' | 'none'

/** Names the browser of a request, as a cookie would. */
export const BROWSER_HEADER = 'x-simulated-browser'

/** How long a server may continue to answer after it received a revocation, in milliseconds. */
const GRACE_MS = 2_000

export class Rights {
  readonly #now: () => number
  readonly #rights = new Map<string, Right>()
  /** By browser: when every server had received the revocation of its right to read. */
  readonly #heardAt = new Map<string, number>()
  /** Whether a right was revoked: a provider that was refused waits until its app connects again. */
  wereRestricted = false

  constructor(now: () => number) {
    this.#now = now
  }

  set(browser: string, right: Right): void {
    this.#rights.set(browser, right)
    this.#heardAt.delete(browser)
    if (right !== 'write') this.wereRestricted = true
  }

  giveAllBack(): void {
    this.#rights.clear()
    this.#heardAt.clear()
  }

  /** Called when all servers have received the revocation. */
  heard(): void {
    for (const [browser, right] of this.#rights) {
      if (right === 'none' && !this.#heardAt.has(browser)) this.#heardAt.set(browser, this.#now())
    }
  }

  /** Requests without a browser come from operators, which may do everything. */
  allows({ request, action }: Pick<AuthorizationRequest, 'request' | 'action'>): boolean {
    const right = this.#rights.get(request.headers.get(BROWSER_HEADER) ?? '') ?? 'write'
    if (right === 'write') return true
    return right === 'read' && (action === 'read' || action === 'presence')
  }

  /** The time after which the browser may receive nothing new; null if the browser may read. */
  darkSince(browser: string): number | null {
    const heardAt = this.#heardAt.get(browser)
    return heardAt === undefined ? null : heardAt + GRACE_MS
  }
}
