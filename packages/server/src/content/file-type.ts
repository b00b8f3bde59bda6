import type { FileType } from '../schemas/files.ts'

/**
 * The number of bytes at the beginning of a file that identify its type. The list of brands of an AVIF file is within
 * them.
 */
const HEAD_BYTES = 256

/** The type that the first bytes of a file identify; null if the server does not store files of their type. */
export function fileTypeOf(data: Uint8Array): FileType | null {
  // Latin-1: one character for each byte.
  const head = String.fromCharCode(...data.subarray(0, HEAD_BYTES))
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(head)) return 'image/gif'
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'image/webp'
  return isAvif(data, head) ? 'image/avif' : null
}

/** The offset of the brands of a file: the main brand, four bytes of its version, and the compatible brands. */
const BRANDS_AT = 8

/** An AVIF file begins with a box `ftyp`, whose brands name AVIF. */
function isAvif(data: Uint8Array, head: string): boolean {
  if (data.byteLength < BRANDS_AT + 8 || !head.startsWith('ftyp', 4)) return false
  const size = new DataView(data.buffer, data.byteOffset).getUint32(0)
  for (let at = BRANDS_AT; at + 4 <= Math.min(size, head.length); at += 4) {
    const brand = head.slice(at, at + 4)
    if (at !== BRANDS_AT + 4 && (brand === 'avif' || brand === 'avis')) return true
  }
  return false
}
