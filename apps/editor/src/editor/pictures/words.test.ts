import { expect, test } from 'vitest'
import { UploadError } from './upload.ts'
import { altTextOf, troubleOf } from './words.ts'

const FILE = { name: 'lighthouse.tiff', size: 14_000_000 }
const said = (code: string, message = '') => troubleOf(new UploadError(code, message), FILE)

test('a picture that was not added is named with a reason that people understand', () => {
  expect(said('unsupported_media_type')).toBe(
    '“lighthouse.tiff” was not added: it is none of PNG, JPEG, GIF, WebP and AVIF.',
  )
  expect(said('file_too_large')).toBe(
    '“lighthouse.tiff” (13.4 MB) was not added: it is too large for this server.',
  )
  expect(said('a_code_of_a_later_server', 'the moon is full')).toContain('the moon is full')
  expect(troubleOf(new TypeError('x is undefined'), FILE)).toContain('something went wrong')
})

test('the text in place of a picture is the name of its file, without those that browsers invent', () => {
  expect(altTextOf('Our lighthouse, 1998.jpeg')).toBe('Our lighthouse, 1998')
  expect(altTextOf('image.png')).toBe('')
  expect(altTextOf('')).toBe('')
})
