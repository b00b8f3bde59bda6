import { textOf } from '@y-electric/agent/lines'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { AnswerWriter } from './AnswerWriter.ts'
import { Gathered } from './Gathered.ts'
import {
  ASSISTANT_ORIGIN,
  type AssistantRequest,
  claimRequest,
  endRequest,
  readRequest,
  requestsOf,
} from './requests.ts'
import { pause, SourceError, type TextSource } from './sources.ts'
import { removeWritten } from './written.ts'

/** The longest answer, in characters: a model that repeats itself must end. */
const LONGEST_ANSWER = 50_000

/** A client of the document with a Y.Doc, a client id and presence of its own. */
export interface Peer {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  whenSynced(): Promise<void>
  whenSaved(): Promise<void>
  /** Aborted when the server accepts no edits of this client. */
  readonly refused: AbortSignal
}

export interface RunOptions {
  readonly peer: Peer
  /** The root type of the text. */
  readonly field: string
  readonly requestId: string
  /** The presence of the assistant while it answers. */
  readonly presence: Record<string, unknown>
  /** The name of this run in the claim of the request. */
  readonly runner: string
  readonly prompt: string
  readonly source: TextSource
  readonly sourceName: string
  /**
   * True if another run has the claim until now. Then this one waits for `settleMs` after its own
   * claim is stored, in milliseconds.
   */
  readonly isTakingOver: boolean
  readonly settleMs: number
}

/** The next action of a run that reads its request. */
type Verdict = 'write' | 'ended' | 'lost'

/**
 * The rule that keeps two runs from answering one request. The field `runner` of the request names
 * the only run that may write, and Yjs lets every client end with the same value:
 *
 * - The page where a person asks adds the request and its claim in one transaction, so there is no
 *   other claim yet. After a reload this page continues with the same name.
 * - A run that takes over writes its name, waits until the server has stored it, and then waits a
 *   while longer for claims that others made before they received this one. It writes if its name
 *   is still there.
 * - A run sends the next piece only after the server stored the last one, so at most one piece is
 *   on its way. A run that reads another name stops, and deletes the piece that was not stored.
 * - Within one browser, a Web Lock for the request keeps copies of a tab apart (`runs.ts`).
 */
export function verdictOf(request: AssistantRequest | null, runner: string): Verdict {
  if (request === null) return 'ended'
  // First, since the other run may have ended already.
  if (request.runner !== runner) return 'lost'
  return request.state === 'running' ? 'write' : 'ended'
}

/** Answers a request in the document, until the answer ends or somebody stops it. */
export async function runAnswer(options: RunOptions): Promise<void> {
  const { peer, requestId, runner } = options
  const { doc, refused } = peer
  await orAborted(peer.whenSynced(), refused)
  await orAborted(present(doc, requestId, refused), refused)
  peer.awareness.setLocalState({ ...options.presence, assistant: requestId })
  if (options.isTakingOver && !refused.aborted) {
    claimRequest(doc, requestId, runner, options.sourceName)
    await orAborted(peer.whenSaved(), refused)
    await pause(options.settleMs, refused)
  }
  const verdict = () => verdictOf(readRequest(doc, requestId), runner)
  const over = new AbortController()
  const end = () => over.abort()
  const look = () => {
    if (verdict() !== 'write') end()
  }
  const requests = requestsOf(doc)
  requests.observeDeep(look)
  refused.addEventListener('abort', end)
  look()
  if (refused.aborted) end()
  try {
    await writeAnswer(options, verdict, over.signal)
  } finally {
    requests.unobserveDeep(look)
    refused.removeEventListener('abort', end)
    over.abort()
    peer.awareness.setLocalState(null)
  }
  await orAborted(peer.whenSaved(), refused)
  // Somebody undid the answer before the last piece had arrived.
  const request = readRequest(doc, requestId)
  if (request?.state !== 'undone') return
  removeWritten(doc.getXmlFragment(options.field), request.writers, ASSISTANT_ORIGIN)
  await orAborted(peer.whenSaved(), refused)
}

async function writeAnswer(
  { peer, field, requestId, prompt, source }: RunOptions,
  verdict: () => Verdict,
  signal: AbortSignal,
): Promise<void> {
  const { doc, awareness } = peer
  if (signal.aborted) return
  const writer = new AnswerWriter(awareness, field, requestId)
  const written = writer.start()
  const document = textOf(doc.getXmlFragment(field))
  const pieces = new Gathered(source(prompt, { document, written }, signal), LONGEST_ANSWER)
  try {
    for (;;) {
      const piece = await orAborted(pieces.next(), signal)
      if (signal.aborted) return
      if (piece == null) break
      const before = writer.mark()
      if (!writer.write(piece)) {
        endRequest(doc, requestId, 'stopped', 'The text that the answer continues was deleted.')
        return
      }
      await orAborted(peer.whenSaved(), signal)
      // The piece may be stored all the same; then its deletion follows it.
      if (signal.aborted && verdict() === 'lost') writer.takeBack(before)
    }
    endRequest(doc, requestId, 'done')
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof SourceError)) console.error('The assistant failed', error)
    endRequest(doc, requestId, 'failed', error instanceof Error ? error.message : String(error))
  }
}

/** Resolves when the document has the request, or after the signal. */
const present = (doc: Y.Doc, requestId: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const requests = requestsOf(doc)
    const look = () => {
      if (!requests.has(requestId) && !signal.aborted) return
      requests.unobserve(look)
      signal.removeEventListener('abort', look)
      resolve()
    }
    requests.observe(look)
    signal.addEventListener('abort', look)
    look()
  })

/** The result of a promise; undefined if the signal comes first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    promise.catch(() => {})
    return undefined
  }
  let end = (): void => {}
  const aborted = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined)
    signal.addEventListener('abort', end)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    promise.catch(() => {})
    signal.removeEventListener('abort', end)
  }
}
