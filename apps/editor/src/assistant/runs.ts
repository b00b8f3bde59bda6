import { ElectricProvider } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { colorFor } from '../people/palette.ts'
import { byEndpoint } from './endpoint.ts'
import { forgetRun, type NotedRun, notedRuns, noteRun } from './notedRuns.ts'
import { type AssistantRequest, addRequest, readRequest } from './requests.ts'
import { type Peer, runAnswer } from './runAnswer.ts'
import { readSettings, settingsProblem } from './settings.ts'
import { byRules, failing, type TextSource } from './sources.ts'

/** The root type of the editor's text. */
const FIELD = 'default'
/** The pause before each word of an answer by rules, in milliseconds. */
const PACE_MS = 120
/** How long a run that takes over waits for other claims, in milliseconds. */
const SETTLE_MS = 1_500
/** How long a run waits for another page of this browser that answers the same request, in milliseconds. */
const LOCK_MS = 5_000

const running = new Map<string, Promise<void>>()
const listeners = new Set<() => void>()

/** True while this page writes the answer of a request. */
export const isRunningHere = (requestId: string): boolean => running.has(requestId)

export function subscribeToRuns(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks the assistant, and answers in this page. @param index where the answer begins, in the root of the text */
export function ask(docId: string, doc: Y.Doc, prompt: string, asker: string, index: number): void {
  const run = { docId, requestId: crypto.randomUUID(), runner: crypto.randomUUID(), prompt }
  addRequest(doc, {
    id: run.requestId,
    prompt,
    asker,
    askedAt: Date.now(),
    source: sourceNow().name,
    runner: run.runner,
    index,
    field: FIELD,
  })
  noteRun(run)
  void start(run, false)
}

/** Answers the rest of a request in this page, in place of the run that began it. */
export function takeOver(docId: string, { id, prompt }: AssistantRequest): void {
  const run = { docId, requestId: id, runner: crypto.randomUUID(), prompt }
  noteRun(run)
  void start(run, true)
}

/**
 * Continues the answers that this tab was writing before it was reloaded. Only those that the tab
 * noted itself: a request in the document can name any run and any prompt, and must not use the
 * key of this browser on its own.
 */
export function resumeRuns(docId: string, doc: Y.Doc): void {
  for (const run of notedRuns().filter((each) => each.docId === docId)) {
    const request = readRequest(doc, run.requestId)
    if (request?.state === 'running' && request.runner === run.runner) void start(run, false)
    else if (!running.has(run.requestId)) forgetRun(run.requestId)
  }
}

/** The source of the settings, and the name that others see. */
function sourceNow(): { readonly name: string; readonly source: TextSource } {
  const settings = readSettings()
  const problem = settingsProblem(settings, window.location.protocol === 'https:')
  // Continuing does not ask for settings first.
  if (problem !== null) return { name: 'no endpoint', source: failing(problem) }
  return settings.kind === 'endpoint'
    ? { name: settings.model, source: byEndpoint(settings) }
    : { name: 'rules', source: byRules(PACE_MS) }
}

async function start(run: NotedRun, isTakingOver: boolean): Promise<void> {
  const { requestId } = run
  // An earlier run of this page may still be leaving.
  const before = running.get(requestId)
  if (before !== undefined && !isTakingOver) return
  const done = (before ?? Promise.resolve()).then(() =>
    alone(requestId, () => answerWith(run, isTakingOver)),
  )
  const settled = done.catch((error: unknown) => console.error('The assistant failed', error))
  running.set(requestId, settled)
  announce()
  await settled
  if (running.get(requestId) !== settled) return
  running.delete(requestId)
  forgetRun(requestId)
  announce()
}

/**
 * Runs something if no other page of this browser runs it for the same request: a duplicated tab has
 * a copy of the notes. Without Web Locks (plain http) only the claim in the document counts.
 */
async function alone(requestId: string, run: () => Promise<void>): Promise<void> {
  const locks: LockManager | undefined = navigator.locks
  if (locks === undefined) return run()
  // The page before a reload may hold the lock for an instant.
  const signal = AbortSignal.timeout(LOCK_MS)
  try {
    await locks.request(`y-electric:assistant:${requestId}`, { signal }, run)
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error
  }
}

async function answerWith(run: NotedRun, isTakingOver: boolean): Promise<void> {
  const { docId, requestId, runner, prompt } = run
  const { name, source } = sourceNow()
  const peer = openPeer(docId)
  const user = {
    id: `assistant ${requestId}`,
    name: 'Assistant',
    color: colorFor(peer.doc.clientID),
  }
  try {
    await runAnswer({
      peer,
      field: FIELD,
      presence: { user },
      requestId,
      runner,
      prompt,
      source,
      sourceName: name,
      isTakingOver,
      settleMs: SETTLE_MS,
    })
  } finally {
    await peer.close()
  }
}

function openPeer(docId: string): Peer & { close(): Promise<void> } {
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  // Nobody is shown before the request has arrived.
  awareness.setLocalState(null)
  const provider = new ElectricProvider({ url: '/api', docId, doc, awareness, compaction: false })
  const refused = new AbortController()
  provider.on('change', ({ status, readOnly }) => {
    if (readOnly || status === 'refused' || status === 'auth-failed') refused.abort()
  })
  return {
    doc,
    awareness,
    whenSynced: () => provider.whenSynced(),
    whenSaved: () => provider.whenSaved(),
    refused: refused.signal,
    async close() {
      await provider.destroy()
      doc.destroy()
    },
  }
}

function announce(): void {
  for (const listener of [...listeners]) listener()
}
