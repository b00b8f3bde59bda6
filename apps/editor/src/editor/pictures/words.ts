import type { Trouble } from './Uploads.ts'
import { UploadError } from './upload.ts'

/** The reasons that stay as they are, for people. */
const LASTING: Readonly<Record<string, string>> = {
  unsupported_media_type: 'it is none of PNG, JPEG, GIF, WebP and AVIF',
  invalid_file: 'it is damaged, or not the kind of picture that its name says',
  file_too_large: 'it is too large for this server',
  forbidden: 'you may not change this document',
  deleted: 'the document was deleted',
  not_found: 'this server keeps no pictures',
}

/** The reasons that may pass. */
const PASSING: Readonly<Record<string, string>> = {
  quota_exceeded: 'there is no room for more pictures in this document',
  storage_full: 'the disk of the server is full',
  unauthenticated: 'you are not signed in',
  network: 'the server cannot be reached',
  server_busy: 'the server is busy',
}

/** The reason why a picture was not added. */
export function troubleOf(error: unknown, { name, size }: Pick<File, 'name' | 'size'>): Trouble {
  const [code, message] = error instanceof UploadError ? [error.code, error.message] : ['', '']
  const known = LASTING[code] ?? PASSING[code]
  const reason = known ?? (message === '' ? 'something went wrong' : message)
  const about = code === 'file_too_large' ? `“${name}” (${sizeOf(size)})` : `“${name}”`
  return { words: `${about} was not added: ${reason}.`, mayPass: !Object.hasOwn(LASTING, code) }
}

const sizeOf = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`

/** Browsers give this name to a picture without one, such as a screenshot. */
const NAMELESS = /^(image|screenshot|unknown)?$/i

/** The text in place of a picture: the name of its file, if a person gave it one. */
export function altTextOf(fileName: string): string {
  const name = fileName.replace(/\.\w{1,5}$/, '')
  return NAMELESS.test(name) ? '' : name
}
