import * as Y from 'yjs'

/** The longest prompt, in characters. */
export const LONGEST_PROMPT = 2_000
/** The most ended requests that a document keeps. */
export const MOST_ENDED = 20

/** The root type beside the text that holds the requests of a document, by id. */
const ROOT = 'y-electric:assistant'
const STATES = ['running', 'done', 'stopped', 'failed', 'undone'] as const
/** Before the client id in the name of a field. */
const WRITER = 'writer:'

export type RequestState = (typeof STATES)[number]

/** A request to the assistant, as everybody who has the document sees it. */
export interface AssistantRequest {
  readonly id: string
  readonly prompt: string
  /** The name of the person who asked. */
  readonly asker: string
  /** By the clock of the asker, in milliseconds since 1970. */
  readonly askedAt: number
  readonly state: RequestState
  /** `rules`, or the name of the model that answers. */
  readonly source: string
  /** Why the answer ended early; '' if it did not. */
  readonly note: string
  /** The run that may write the answer. Another run that reads this must not write. */
  readonly runner: string
  /** Where the answer begins, as a relative position in JSON. */
  readonly place: unknown
  /**
   * The Yjs clients that wrote the answer, each with the clock of its first insertion: the record
   * of what the assistant inserted, which survives every page.
   */
  readonly writers: ReadonlyMap<number, number>
}

type Stored = Y.Map<unknown>

/** The origin of every change of a request or its answer: no undo manager of an editor follows it. */
export const ASSISTANT_ORIGIN = { name: 'assistant' }

export const requestsOf = (doc: Y.Doc): Y.Map<Stored> => doc.getMap<Stored>(ROOT)

/** All requests, the newest first. An entry that another client wrote in another form is left out. */
export function readRequests(doc: Y.Doc): AssistantRequest[] {
  const all = [...requestsOf(doc).keys()].map((id) => readRequest(doc, id))
  return all
    .filter((request) => request !== null)
    .sort((a, b) => b.askedAt - a.askedAt || (a.id < b.id ? 1 : -1))
}

/** A request; null if there is none with this id, or if it is damaged. */
export function readRequest(doc: Y.Doc, id: string): AssistantRequest | null {
  const stored = requestsOf(doc).get(id)
  if (!(stored instanceof Y.Map)) return null
  const text = (name: string): string => {
    const value = stored.get(name)
    return typeof value === 'string' ? value.slice(0, LONGEST_PROMPT) : ''
  }
  const askedAt = stored.get('askedAt')
  const state = STATES.find((each) => each === stored.get('state'))
  const prompt = text('prompt')
  if (state === undefined || prompt === '' || typeof askedAt !== 'number') return null
  return {
    id,
    prompt,
    asker: text('asker'),
    askedAt,
    state,
    source: text('source'),
    note: text('note'),
    runner: text('runner'),
    place: stored.get('place'),
    writers: writersOf(stored),
  }
}

function writersOf(stored: Stored): Map<number, number> {
  const writers = new Map<number, number>()
  for (const [name, clock] of stored.entries()) {
    const client = Number(name.slice(WRITER.length))
    if (!name.startsWith(WRITER) || !Number.isInteger(client)) continue
    if (typeof clock === 'number' && clock >= 0) writers.set(client, clock)
  }
  return writers
}

export interface NewRequest {
  readonly id: string
  readonly prompt: string
  readonly asker: string
  readonly askedAt: number
  readonly source: string
  readonly runner: string
  /** The index in the text's root before which the answer begins. */
  readonly index: number
  /** The root type of the text. */
  readonly field: string
}

/**
 * Adds a request with its first claim. Nobody can know of the request before this transaction, so
 * there is no other claim. The oldest ended requests beyond `MOST_ENDED` are forgotten.
 */
export function addRequest(doc: Y.Doc, request: NewRequest): void {
  const fragment = doc.getXmlFragment(request.field)
  const index = Math.min(request.index, fragment.length)
  // Bound to the block before it, so that text inserted later at this index comes after the answer.
  const place = Y.createRelativePositionFromTypeIndex(fragment, index, -1)
  doc.transact(() => {
    const ended = readRequests(doc).filter(({ state }) => state !== 'running')
    for (const { id } of ended.slice(MOST_ENDED - 1)) requestsOf(doc).delete(id)
    const { id, index: _index, field: _field, ...said } = request
    const stored = { ...said, state: 'running', place: Y.relativePositionToJSON(place) }
    requestsOf(doc).set(id, new Y.Map<unknown>(Object.entries(stored)))
  }, ASSISTANT_ORIGIN)
}

/** Ends a request; nothing if it is gone or has ended already. */
export function endRequest(
  doc: Y.Doc,
  id: string,
  state: Exclude<RequestState, 'running'>,
  note = '',
): void {
  const stored = requestsOf(doc).get(id)
  const now = stored?.get('state')
  if (stored === undefined || now === state || (now !== 'running' && state !== 'undone')) return
  doc.transact(() => {
    stored.set('state', state)
    stored.set('note', note)
  }, ASSISTANT_ORIGIN)
}

/** Names the run that may write from now on, and lets an ended request run again. */
export function claimRequest(doc: Y.Doc, id: string, runner: string, source: string): void {
  const stored = requestsOf(doc).get(id)
  if (stored === undefined) return
  doc.transact(() => {
    stored.set('runner', runner)
    stored.set('source', source)
    stored.set('state', 'running')
    stored.set('note', '')
  }, ASSISTANT_ORIGIN)
}

/** Records, in the transaction of its first insertion, that this document's client writes the answer. */
export function noteWriter(doc: Y.Doc, id: string): void {
  const stored = requestsOf(doc).get(id)
  const name = WRITER + doc.clientID
  if (stored === undefined || stored.has(name)) return
  stored.set(name, Y.getState(doc.store, doc.clientID))
}
