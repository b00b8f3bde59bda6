import { WRITER_CLIENT_HEADER, WRITER_NAME_HEADER } from './headers.ts'

/** Longest name of a writer, in UTF-16 code units. */
export const MAX_WRITER_NAME_LENGTH = 200

/** The headers with which an update names its writer. A name is shortened and tidied so that the server takes it. */
export function writerHeaders(clientId: number, name: unknown): Record<string, string> {
  return { [WRITER_CLIENT_HEADER]: String(clientId), ...nameHeader(name) }
}

/** The header that names the writer of a request; none without a name that can be shown. */
export function nameHeader(name: unknown): Record<string, string> {
  const tidy = tidyName(name)
  return tidy === '' ? {} : { [WRITER_NAME_HEADER]: encodeURIComponent(tidy) }
}

const tidyName = (name: unknown): string =>
  typeof name === 'string'
    ? name
        .slice(0, MAX_WRITER_NAME_LENGTH)
        // Control characters, and halves of surrogate pairs, which cannot be encoded.
        .replace(/[\p{Cc}\p{Cs}]/gu, '')
        .trim()
    : ''
