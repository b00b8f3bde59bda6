import { useSyncExternalStore } from 'react'
import { isServer } from '../bindings/connection.ts'
import {
  type DocumentHandle,
  fatalError,
  OPENING,
  type SharedDocument,
} from '../bindings/document.ts'
import { useShared } from './use-shared.ts'

export interface UseDocumentOptions {
  /**
   * Suspends until the document can be shown: it is what the server had, or what this device has while the server
   * cannot be reached. A page that is rendered on a server shows the fallback. Implies `throwOnError`.
   */
  readonly suspense?: boolean
  /**
   * Throws to the error boundary if the document cannot be read until the app acts (status `refused` or
   * `auth-failed`). Edits that the server refuses are never thrown: the document stays on the screen. A
   * boundary that is reset tries again. Default: the error is a value, `useStatus().error`.
   */
  readonly throwOnError?: boolean
}

/**
 * Opens a document, or joins the components that have it open. It is closed soon after the last of them is
 * unmounted, and not before its edits are saved. The component is rendered again only if the document changes;
 * `useStatus` and `usePresence` follow what happens in it.
 * @param docId Default: the one of the `<DocumentProvider>`.
 * @throws {ElectricProviderError} `invalid_doc_id`, or `invalid_request` without a `<DocumentProvider>`
 */
export function useDocument(docId?: string, options: UseDocumentOptions = {}): DocumentHandle {
  const { suspense = false, throwOnError = suspense } = options
  const document = useShared(docId)
  // While nothing is thrown, facts cause no rendering.
  const read = throwOnError ? document.facts.get : getOpening
  const facts = useSyncExternalStore(
    throwOnError ? document.facts.subscribe : neverChanges,
    read,
    getOpening,
  )
  const error = throwOnError ? fatalError(facts) : null
  if (error !== null) {
    document.giveUp()
    throw error
  }
  if (suspense) waitUntilReady(document)
  return document
}

/** Throws a promise, as React expects it from a component that waits. */
function waitUntilReady(document: SharedDocument): void {
  if (isServer()) throw fallbackShown()
  const ready = document.whenReady()
  if (ready !== null) throw ready
}

/**
 * Makes React show the fallback on a server. Next.js recognizes this digest: it would otherwise log the error, and end
 * `next build`, which renders pages ahead.
 */
const fallbackShown = (): Error =>
  Object.assign(
    new Error('documents are opened in the browser: the fallback is shown until then'),
    { digest: 'BAILOUT_TO_CLIENT_SIDE_RENDERING' },
  )

const getOpening = () => OPENING
const neverChanges = () => () => {}
