import type { Difference, Format, Restored } from '@y-electric/documents'
import type { SnapshotInfo, UpdateList, WriterInfo, WriterList } from '@y-electric/server'
import type { ElectricProviderError } from 'y-electric'
import {
  awarenessRowsPath,
  decodePresence,
  decodeState,
  diffPath,
  docPath,
  nameHeader,
  type PresenceRow,
  parseErrorBody,
  restorePath,
  type State,
  snapshotPath,
  snapshotsPath,
  statePath,
  updatesPath,
  versionsPath,
  writersPath,
} from 'y-electric/protocol'

/** The public routes that the inspector uses, and their responses. */

/** The API's mount point, relative to this page. */
export const API = '/api'

/** The address of a shape. */
export const shapeUrl = (path: string): string => new URL(API + path, window.location.href).href

/** A refusal by the server, or an unreachable server (`network`, status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message)
  }

  static of({ code, message, status }: ElectricProviderError): ApiError {
    return new ApiError(code, message, status ?? 0)
  }
}

/** True if a retry may succeed: the server is unreachable or has failed. */
export const mayPass = ({ status }: ApiError): boolean => status === 0 || status >= 500

export const TEXT_FORMATS = [
  'text',
  'markdown',
  'html',
  'json',
] as const satisfies readonly Format[]
export type TextFormat = (typeof TEXT_FORMATS)[number]

export async function fetchState(docId: string, signal: AbortSignal): Promise<State> {
  const response = await send(statePath(docId), { signal })
  return decodeState(new Uint8Array(await response.arrayBuffer()))
}

/** A page of the stored update rows without their bytes: when each of them was stored. */
export async function fetchUpdates(
  docId: string,
  { after, signal }: { after: number; signal: AbortSignal },
): Promise<UpdateList> {
  const query = new URLSearchParams({ after: String(after), limit: '10000' })
  return (await send(`${updatesPath(docId)}?${query}`, { signal })).json()
}

/** Newest first. */
export async function fetchSnapshots(docId: string, signal: AbortSignal): Promise<SnapshotInfo[]> {
  const response = await send(snapshotsPath(docId), { signal })
  return ((await response.json()) as { snapshots: SnapshotInfo[] }).snapshots
}

/** The writers that the server knows by name. */
export async function fetchWriters(
  docId: string,
  signal: AbortSignal,
): Promise<readonly WriterInfo[]> {
  const response = await send(writersPath(docId), { signal })
  return ((await response.json()) as WriterList).writers
}

export async function fetchPresence(docId: string, signal: AbortSignal): Promise<PresenceRow[]> {
  const response = await send(awarenessRowsPath(docId), { signal })
  return decodePresence(new Uint8Array(await response.arrayBuffer()))
}

/** The content as text, of the current document or of a snapshot row. */
export async function fetchText(
  docId: string,
  { format, at, signal }: { format: TextFormat; at?: number; signal: AbortSignal },
): Promise<string> {
  const query = new URLSearchParams({ format, ...(at === undefined ? {} : { at: String(at) }) })
  return (await send(`${docPath(docId)}?${query}`, { signal })).text()
}

/** The bytes of a snapshot row (Yjs v2). */
export async function fetchSnapshot(
  docId: string,
  seq: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const response = await send(snapshotPath(docId, seq), { signal })
  return new Uint8Array(await response.arrayBuffer())
}

/** A snapshot row as one Yjs update (v1). */
export async function fetchUpdate(
  docId: string,
  at: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const query = new URLSearchParams({ format: 'update', at: String(at) })
  const response = await send(`${docPath(docId)}?${query}`, { signal })
  return new Uint8Array(await response.arrayBuffer())
}

/** The differences between two versions, or between a version and the current document. */
export async function fetchDifference(
  docId: string,
  { from, to, signal }: { from: number; to: number | 'now'; signal: AbortSignal },
): Promise<Difference> {
  const query = new URLSearchParams({ from: String(from), to: String(to) })
  return (await send(`${diffPath(docId)}?${query}`, { signal })).json()
}

/** Keeps the current content as a version. */
export async function keepVersion(docId: string, label: string): Promise<void> {
  await send(versionsPath(docId), { method: 'POST', ...jsonBody({ label }) })
}

/**
 * @param label null removes the name; the version is then identified by its time and may be deleted
 * when old
 */
export async function labelVersion(
  docId: string,
  seq: number,
  label: string | null,
): Promise<void> {
  await send(snapshotPath(docId, seq), { method: 'PATCH', ...jsonBody({ label }) })
}

/** @param name of the person who restores; the history shows it */
export async function restoreVersion(
  docId: string,
  seq: number,
  name: string | null = null,
): Promise<Restored> {
  const headers = nameHeader(name)
  return (await send(restorePath(docId, seq), { method: 'POST', headers })).json()
}

const jsonBody = (value: object) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** @throws {ApiError} unless the response is 2xx; an abort throws the error of `fetch`. */
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
