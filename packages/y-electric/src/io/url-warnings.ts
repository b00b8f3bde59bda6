import { clear, NO_SUSPICIONS, type Side, suspect } from '../core/suspicions.ts'
import type { ElectricProviderError } from '../errors.ts'

/**
 * Warns on the console about errors that a wrong `url` explains, because an app without an `error`
 * listener would not learn why a document stays empty. Once per code, and again only after it has
 * worked in between.
 */
export class UrlWarnings {
  readonly #docId: string
  #suspicions = NO_SUSPICIONS

  constructor(docId: string) {
    this.#docId = docId
  }

  failed(side: Side, { code, message, suspectsUrl }: ElectricProviderError): void {
    if (!suspectsUrl) return
    const { suspicions, isNew } = suspect(this.#suspicions, side, code)
    this.#suspicions = suspicions
    if (!isNew) return
    const what = side === 'read' ? 'read' : 'saved'
    console.warn(
      `y-electric: document ${JSON.stringify(this.#docId)} is not ${what} (${code}): ${message}`,
    )
  }

  worked(side: Side): void {
    this.#suspicions = clear(this.#suspicions, side)
  }
}
