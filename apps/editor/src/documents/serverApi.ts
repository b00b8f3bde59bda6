import type { DocumentList, Loss } from './serverTypes.ts'

/** The routes for whole documents. See docs/api.md for what they answer. */
const API = '/api/docs'

const UPDATE = 'application/octet-stream'

/** The server's refusal, in its words; `code` is `network` if it cannot be reached. */
export class ServerError extends Error {
  override readonly name = 'ServerError'

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

const pathOf = (docId: string, rest = ''): string => `${API}/${encodeURIComponent(docId)}${rest}`

/** One page of the list, ordered by id. */
export async function fetchDocuments(
  after: string | null,
  signal?: AbortSignal,
): Promise<DocumentList> {
  const query = new URLSearchParams({ limit: '1000', ...(after === null ? {} : { after }) })
  const response = await send(`${API}?${query}`, signal === undefined ? {} : { signal })
  return response.json()
}

/** The document as plain text. */
export async function fetchPlainText(docId: string, signal?: AbortSignal): Promise<string> {
  const init = signal === undefined ? {} : { signal }
  return (await send(pathOf(docId, '?format=text'), init)).text()
}

export async function copyDocument(docId: string, to: string): Promise<void> {
  await send(pathOf(docId, '/copy'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to }),
  })
}

/** A page that is left does not wait, so that the request is sent nevertheless. */
export async function deleteDocument(docId: string): Promise<void> {
  await send(pathOf(docId), { method: 'DELETE', keepalive: true })
}

export type FileKind = 'markdown' | 'html' | 'text'

const MEDIA_TYPES: Readonly<Record<FileKind, string>> = {
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}

/** Creates a document from a file. @returns what the document cannot hold */
export async function importFile(
  docId: string,
  kind: FileKind,
  body: Blob,
): Promise<readonly Loss[]> {
  const response = await send(pathOf(docId), {
    method: 'PUT',
    headers: { 'content-type': MEDIA_TYPES[kind] },
    body,
  })
  return ((await response.json()) as { losses: readonly Loss[] }).losses
}

/** Stores a picture beside its document. */
export async function storePicture(docId: string, picture: Blob): Promise<void> {
  await send(pathOf(docId, '/files'), {
    method: 'POST',
    headers: { 'content-type': picture.type },
    body: picture,
  })
}

export const EXPORT_FORMATS = {
  markdown: { label: 'Markdown', ending: 'md' },
  html: { label: 'HTML', ending: 'html' },
  json: { label: 'JSON', ending: 'json' },
  update: { label: 'Yjs update', ending: 'yjs' },
} as const

export type ExportFormat = keyof typeof EXPORT_FORMATS

/** The document in a format, and what the format cannot express. */
export async function exportDocument(docId: string, format: ExportFormat) {
  const response = await send(pathOf(docId, `?format=${format}`), {})
  const named = response.headers.get('y-electric-losses')
  const losses = named === null ? [] : (JSON.parse(named) as readonly Loss[])
  return { file: await response.blob(), losses }
}

export async function fetchUpdate(docId: string): Promise<Uint8Array> {
  const response = await send(pathOf(docId, '?format=update'), {})
  return new Uint8Array(await response.arrayBuffer())
}

export async function appendUpdate(docId: string, update: Uint8Array): Promise<void> {
  await send(pathOf(docId, '/updates'), {
    method: 'POST',
    headers: { 'content-type': UPDATE, 'idempotency-key': crypto.randomUUID() },
    body: new Uint8Array(update),
  })
}

/** @throws {ServerError} unless the answer is 2xx; an abort throws the error of `fetch` */
async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ServerError('network', 'The server cannot be reached.')
  }
  if (response.ok) return response
  const said: unknown = await response.json().catch(() => null)
  const { code, message } = (said as { error?: { code?: string; message?: string } })?.error ?? {}
  throw new ServerError(
    code ?? 'bad_response',
    message ?? `The server answered ${response.status}.`,
  )
}

/** The losses of a conversion, in one sentence; '' if it kept everything. */
export function lossesInWords(losses: readonly Loss[]): string {
  if (losses.length === 0) return ''
  return `Not kept: ${losses.map(({ kind, name, count }) => `${count} × ${kind} ${name}`).join(', ')}.`
}
