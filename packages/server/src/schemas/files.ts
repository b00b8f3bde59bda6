import { choice, integer, type Output, object, text } from './values.ts'

/**
 * The content types of files. A browser shows each of them without running scripts, which it would do for SVG, HTML and
 * PDF.
 */
export const FILE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
] as const

/** A content type that files may have. */
export type FileType = (typeof FILE_TYPES)[number]

/** How many hexadecimal digits the id of a file has. */
export const FILE_ID_LENGTH = 64

export const STORED_FILE = object(
  {
    id: text('The SHA-256 of its bytes, in hexadecimal.'),
    url: text(
      'Its address: the path of this request with the id. A client that reaches the server through a proxy that changes paths builds it from its own base address.',
    ),
    byteLength: integer(),
    contentType: choice(FILE_TYPES),
  },
  'A file of a document.',
)

/** A file of a document, as `POST /docs/:docId/files` answers. */
export type FileInfo = Output<typeof STORED_FILE>
