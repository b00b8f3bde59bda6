import {
  awarenessRowsPath,
  decodePresence,
  decodeState,
  diffPath,
  docPath,
  type PresenceRow,
  parseErrorBody,
  restorePath,
  type State,
  snapshotPath,
  snapshotsPath,
  statePath,
} from 'y-electric/protocol'

/** The public routes that the inspector is made of, and what they answer. */

/** Where the API is mounted, seen from this page. */
export const API = '/api'

/** A server that answers with a refusal, or no server at all (`network`, status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message)
  }
}

/** True when it is not about the request: the server is away, or in trouble. */
export const mayPass = ({ status }: ApiError): boolean => status === 0 || status >= 500

/** A snapshot row as something to come back to. */
export interface SnapshotInfo {
  readonly seq: number
  /** Null when it was kept by name: then it is no part of the state. */
  readonly throughSegment: number | null
  readonly kind: 'fold' | 'kept'
  readonly label: string | null
  readonly createdBy: string | null
  readonly bytes: number
  readonly foldedRows: number
  readonly foldedBytes: number
  /** ISO 8601. */
  readonly createdAt: string
}

/** What brought a version back. */
export interface Restored {
  /** The update row that was written; null when nothing was different. */
  readonly seq: number | null
  /** The version that was kept of what was there before. */
  readonly kept: number
}

/** A value of a document as plain JSON. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }

/** Part of a text, in the order of reading. */
export type TextPart =
  | { readonly type: 'same' | 'added' | 'removed' | 'formatted'; readonly text: string }
  /** So many letters that are the same were left out. */
  | { readonly type: 'skipped'; readonly length: number }

/** One thing that is different; its path is a root's name, then keys and positions. */
export type Change = { readonly path: readonly (string | number)[] } & (
  | { readonly type: 'added' | 'removed'; readonly value: PlainValue }
  | { readonly type: 'changed'; readonly before: PlainValue; readonly after: PlainValue }
  | { readonly type: 'text'; readonly parts: readonly TextPart[] }
)

export interface Difference {
  readonly changes: readonly Change[]
  /** It was too much to compare all of it. */
  readonly isCut: boolean
}

export const TEXT_FORMATS = ['text', 'markdown', 'html', 'json'] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]

export async function fetchState(docId: string, signal: AbortSignal): Promise<State> {
  const response = await send(statePath(docId), { signal })
  return decodeState(new Uint8Array(await response.arrayBuffer()))
}

/** Newest first. */
export async function fetchSnapshots(docId: string, signal: AbortSignal): Promise<SnapshotInfo[]> {
  const response = await send(snapshotsPath(docId), { signal })
  return ((await response.json()) as { snapshots: SnapshotInfo[] }).snapshots
}

export async function fetchPresence(docId: string, signal: AbortSignal): Promise<PresenceRow[]> {
  const response = await send(awarenessRowsPath(docId), { signal })
  return decodePresence(new Uint8Array(await response.arrayBuffer()))
}

/** The content in words, now or as a snapshot row has it. */
export async function fetchText(
  docId: string,
  { format, at, signal }: { format: TextFormat; at?: number; signal: AbortSignal },
): Promise<string> {
  const query = new URLSearchParams({ format, ...(at === undefined ? {} : { at: String(at) }) })
  return (await send(`${docPath(docId)}?${query}`, { signal })).text()
}

/** What changed from one version to another, or to now. */
export async function fetchDifference(
  docId: string,
  { from, to, signal }: { from: number; to: number | 'now'; signal: AbortSignal },
): Promise<Difference> {
  const query = new URLSearchParams({ from: String(from), to: String(to) })
  return (await send(`${diffPath(docId)}?${query}`, { signal })).json()
}

/** Keeps the document as it is now. */
export async function keepVersion(docId: string, label: string): Promise<void> {
  const query = new URLSearchParams({ label })
  await send(`${snapshotsPath(docId)}?${query}`, { method: 'POST' })
}

/** @param label null: it is called by its time alone, and may go when it is old */
export async function labelVersion(
  docId: string,
  seq: number,
  label: string | null,
): Promise<void> {
  await send(snapshotPath(docId, seq), {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label }),
  })
}

export async function restoreVersion(docId: string, seq: number): Promise<Restored> {
  return (await send(restorePath(docId, seq), { method: 'POST' })).json()
}

/** @throws {ApiError} unless it is answered with 2xx; an abort throws what `fetch` throws. */
async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(API + path, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError('network', 'the server cannot be reached', 0)
  }
  if (response.ok) return response
  const error = parseErrorBody(await response.json().catch(() => null))
  throw new ApiError(
    error?.code ?? 'bad_response',
    error?.message ?? `the server answered ${response.status}`,
    response.status,
  )
}
