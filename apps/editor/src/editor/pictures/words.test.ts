import { expect, test } from 'vitest'
import { UploadError } from './upload.ts'
import { altTextOf, troubleOf } from './words.ts'

const FILE = { name: 'lighthouse.tiff', size: 14_000_000 }
const said = (code: string, message = '') => troubleOf(new UploadError(code, message), FILE)

test('a picture that was not added is named with a reason that people understand', () => {
  expect(said('unsupported_media_type').words).toBe(
    '“lighthouse.tiff” was not added: it is none of PNG, JPEG, GIF, WebP and AVIF.',
  )
  expect(said('file_too_large').words).toBe(
    '“lighthouse.tiff” (13.4 MB) was not added: it is too large for this server.',
  )
  expect(said('a_code_of_a_later_server', 'the moon is full').words).toContain('the moon is full')
  expect(troubleOf(new TypeError('x is undefined'), FILE).words).toContain('something went wrong')
})

test('only a reason that may pass lets the person try again', () => {
  for (const code of ['unsupported_media_type', 'invalid_file', 'file_too_large', 'deleted']) {
    expect(said(code).mayPass).toBe(false)
  }
  for (const code of ['network', 'server_busy', 'quota_exceeded', 'a_code_of_a_later_server']) {
    expect(said(code).mayPass).toBe(true)
  }
})

test('the text in place of a picture is the name of its file, without those that browsers invent', () => {
  expect(altTextOf('Our lighthouse, 1998.jpeg')).toBe('Our lighthouse, 1998')
  expect(altTextOf('image.png')).toBe('')
  expect(altTextOf('')).toBe('')
})
