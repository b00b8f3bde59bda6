import { expect, test } from 'vitest'
import { pictureOf, samePictureIn } from './addresses.ts'

const id = 'a'.repeat(64)

test('a picture of another document has an address in this one, and other addresses have none', () => {
  expect(samePictureIn('copy', pictureOf('original', id))).toBe(`/api/docs/copy/files/${id}`)
  for (const address of [
    `https://elsewhere.example${pictureOf('original', id)}`,
    `${pictureOf('original', id)}?x`,
    '/api/docs/original/files/../../etc',
    'data:image/png;base64,AA',
  ]) {
    expect(samePictureIn('copy', address)).toBeNull()
  }
})
