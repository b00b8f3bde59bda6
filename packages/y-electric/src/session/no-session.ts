import * as Y from 'yjs'
import type { ProviderFacts } from '../core/ledger/facts.ts'
import { ElectricProviderError } from '../errors.ts'
import type { Session } from './session.ts'

/** The members of a session that a provider uses. */
export type ProviderSession = Pick<
  Session,
  'facts' | 'unacked' | 'open' | 'close' | 'reconnect' | 'resend' | 'destroy'
>

/**
 * The reason why a document cannot be used; null if it is a Y.Doc of the Yjs that this package uses. Each
 * copy of Yjs knows only its own types: if one copy applies an update to a document of another copy, the
 * document silently does not show it.
 * @throws {ElectricProviderError} `invalid_request` if it is not a Y.Doc of any copy
 */
export function problemOfDoc(doc: unknown): ElectricProviderError | null {
  if (doc instanceof Y.Doc) return null
  if (typeof doc !== 'object' || doc === null || !('store' in doc) || !('clientID' in doc)) {
    throw new ElectricProviderError('invalid_request', 'the option `doc` is not a Y.Doc')
  }
  return new ElectricProviderError(
    'yjs_duplicated',
    'the Y.Doc comes from another copy of Yjs than the one that y-electric uses. It would show nothing, so ' +
      'nothing is read or sent. Use one copy of yjs: check `npm ls yjs`, and dedupe it in the bundler ' +
      "(in Vite, `resolve: { dedupe: ['yjs'] }`) or list it as a peer dependency",
  )
}

/** The session of a document that cannot be used. */
export class NoSession implements ProviderSession {
  readonly #facts: ProviderFacts

  constructor(error: ElectricProviderError) {
    this.#facts = Object.freeze({
      status: 'refused',
      synced: false,
      saved: false,
      unsavedSince: null,
      lastSavedAt: null,
      stored: false,
      readOnly: false,
      refusedBatch: null,
      error,
    })
  }

  facts(): ProviderFacts {
    return this.#facts
  }

  unacked(): Uint8Array[] {
    return []
  }

  open(): void {}
  close(): void {}
  reconnect(): void {}
  resend(): void {}
  async destroy(): Promise<void> {}
}
