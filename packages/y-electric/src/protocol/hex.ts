/**
 * Decodes Postgres' hex text form of bytea (`\x0aff`), which is how Electric sends it. A loop over
 * char codes: a regex that splits into pairs took 3.3 s and 590 MiB for 10 MiB.
 * @throws {Error} if the text is not of that form
 */
export function decodeBytea(text: string): Uint8Array {
  if (!text.startsWith('\\x') || text.length % 2 !== 0) {
    throw new Error('bytea: expected \\x and an even number of hex digits')
  }
  const bytes = new Uint8Array(text.length / 2 - 1)
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text.charCodeAt(2 * i + 2))
    const low = nibble(text.charCodeAt(2 * i + 3))
    bytes[i] = (high << 4) | low
  }
  return bytes
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  if (lower >= 97 && lower <= 102) return lower - 87
  throw new Error(`bytea: ${JSON.stringify(String.fromCharCode(code))} is not a hex digit`)
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Two hexadecimal digits for each byte, as `decode(text, 'hex')` of Postgres reads them. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += PAIRS[byte]
  return text
}
