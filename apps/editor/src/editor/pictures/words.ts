import { UploadError } from './upload.ts'

/** The reasons of the server, for people. */
const TROUBLE: Readonly<Record<string, string>> = {
  unsupported_media_type: 'it is none of PNG, JPEG, GIF, WebP and AVIF',
  invalid_file: 'it is damaged, or not the kind of picture that its name says',
  file_too_large: 'it is too large for this server',
  quota_exceeded: 'there is no room for more pictures in this document',
  storage_full: 'the disk of the server is full',
  forbidden: 'you may not change this document',
  unauthenticated: 'you are not signed in',
  deleted: 'the document was deleted',
  not_found: 'this server keeps no pictures',
  network: 'the server cannot be reached. Add it again when you are online',
  server_busy: 'the server is busy. Add it again in a moment',
}

/** The reason why a picture was not added. */
export function troubleOf(error: unknown, { name, size }: Pick<File, 'name' | 'size'>): string {
  const [code, message] = error instanceof UploadError ? [error.code, error.message] : ['', '']
  const reason = TROUBLE[code] ?? (message === '' ? 'something went wrong' : message)
  const about = code === 'file_too_large' ? `“${name}” (${sizeOf(size)})` : `“${name}”`
  return `${about} was not added: ${reason}.`
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
