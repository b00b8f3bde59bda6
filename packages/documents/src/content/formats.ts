import { RequestError } from '@y-electric/server'

/** The kind of a document's root: the values of `?type=`. */
export type RootType = 'text' | 'map' | 'array' | 'xml'

export const ROOT_TYPES: readonly RootType[] = ['text', 'map', 'array', 'xml']

/** A format in which a document can be read, and in some cases imported. */
export interface FormatDescription {
  readonly mediaType: string
  /** Whether a document can be created from it. */
  readonly canImport: boolean
  readonly summary: string
  /** The effort per byte relative to an update: to read (null: it cannot be read) and to write. */
  readonly effort: { readonly read: number | null; readonly write: number }
}

/** Every format of a document, by the name that `?format=` takes. */
export const FORMATS = {
  stats: {
    mediaType: 'application/json',
    canImport: false,
    summary: 'statistics of the stored document: rows, writers, shared types',
    effort: { read: null, write: 1 },
  },
  json: {
    mediaType: 'application/json',
    canImport: true,
    summary: 'all shared types by name, or only the named one',
    effort: { read: 1, write: 1 },
  },
  text: {
    mediaType: 'text/plain; charset=utf-8',
    canImport: true,
    summary: 'plain text, one line per block',
    effort: { read: 1, write: 1 },
  },
  html: {
    mediaType: 'text/html; charset=utf-8',
    canImport: true,
    summary: 'a sanitized HTML fragment',
    effort: { read: 8, write: 8 },
  },
  markdown: {
    mediaType: 'text/markdown; charset=utf-8',
    canImport: true,
    summary: 'GitHub Flavored Markdown',
    // Writing costs as much as reading: the writer parses its Markdown again to prove that it round-trips. 2 KB of
    // punctuation that could be Markdown syntax take as long as 20 KB of prose.
    effort: { read: 256, write: 256 },
  },
  prosemirror: {
    mediaType: 'application/vnd.prosemirror+json',
    canImport: true,
    summary: 'ProseMirror (TipTap) JSON',
    // Each line of a text becomes a node.
    effort: { read: 1, write: 8 },
  },
  update: {
    mediaType: 'application/vnd.yjs.update-v1',
    canImport: true,
    summary: 'the whole document as one Yjs v1 update',
    effort: { read: 1, write: 1 },
  },
  'update-v2': {
    mediaType: 'application/vnd.yjs.update-v2',
    canImport: true,
    summary: 'the whole document as one Yjs v2 update',
    // A few bytes can claim to be a huge document.
    effort: { read: Number.POSITIVE_INFINITY, write: 1 },
  },
} as const satisfies Record<string, FormatDescription>

/** The name of a format. */
export type Format = keyof typeof FORMATS

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly Format[]

/** True when the text is the name of a format. */
export const isFormat = (name: string): name is Format => Object.hasOwn(FORMATS, name)

/** The root of a document that has several, and its kind. */
export interface RootChoice {
  readonly root?: string | undefined
  readonly type?: RootType | undefined
}

/** How line ends in imported text are handled: `lf` turns all of them into `\n`, `keep` leaves them. */
export const LINE_ENDS = ['lf', 'keep'] as const
export type LineEnds = (typeof LINE_ENDS)[number]

/** Options for importing content. */
export interface ReadChoice extends RootChoice {
  /**
   * CodeMirror counts `\r\n` as one character and Yjs counts two, so edits in text with such line ends
   * would land in the wrong place. They therefore become `\n`, unless this is `keep`. Default: `lf`.
   */
  readonly lineEnds?: LineEnds | undefined
}

/** The default root for imported content: the one that TipTap's Collaboration uses. */
export const DEFAULT_ROOT = 'default'

/** @throws {RequestError} `invalid_request` if a document cannot be created from the format */
export function requireImportable(format: Format): void {
  if (!FORMATS[format].canImport) {
    throw new RequestError('invalid_request', `a document cannot be created from ${format}`)
  }
}
