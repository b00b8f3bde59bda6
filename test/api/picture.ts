// A picture that tests store as a file.
import { createHash } from 'node:crypto'

/** A red square of 24 pixels, as PNG. */
export const PICTURE: Uint8Array = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAAH0lEQVR42mM44GBAFcQwatCoQaMGjRo0atCoQQNvEABkEqwftDLrVgAAAABJRU5ErkJggg==',
  'base64',
)

/** The id that a server gives a file. */
export const fileIdOf = (data: Uint8Array): string =>
  createHash('sha256').update(data).digest('hex')

/** The id of `PICTURE`. */
export const PICTURE_ID: string = fileIdOf(PICTURE)
