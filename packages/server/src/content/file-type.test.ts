import { describe, expect, test } from 'vitest'
import { fileTypeOf } from './file-type.ts'

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

const avif = (size: string, ...brands: string[]): Uint8Array =>
  latin1(`\0\0\0${size}ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`)

describe('the type of a file is read from its first bytes', () => {
  test.each([
    ['PNG', latin1('\x89PNG\r\n\x1a\n…'.replace('…', '\0\0\0\rIHDR')), 'image/png'],
    ['JPEG', latin1('\xff\xd8\xff\xe0\0\x10JFIF'), 'image/jpeg'],
    ['GIF of 1987', latin1('GIF87a'), 'image/gif'],
    ['GIF of 1989', latin1('GIF89a'), 'image/gif'],
    ['WebP', latin1('RIFF\x10\0\0\0WEBPVP8 '), 'image/webp'],
    ['AVIF', avif('\x14', 'avif', 'mif1'), 'image/avif'],
    ['AVIF by a compatible brand', avif('\x18', 'mif1', 'miaf', 'avif'), 'image/avif'],
    ['AVIF sequence', avif('\x14', 'avis', 'msf1'), 'image/avif'],
  ])('%s', (_name, data, type) => {
    expect(fileTypeOf(data)).toBe(type)
    expect(fileTypeOf(Buffer.concat([Buffer.from('pad'), data]).subarray(3))).toBe(type)
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['HTML', latin1('<!doctype html><script>alert(1)</script>')],
    ['PDF', latin1('%PDF-1.7')],
    ['a beginning of PNG', latin1('\x89PNG\r\n')],
    ['PNG after a line break', latin1('\n\x89PNG\r\n\x1a\n')],
    ['RIFF with sound', latin1('RIFF\x10\0\0\0WAVEfmt ')],
    ['HEIC', avif('\x14', 'heic', 'mif1')],
    ['MP4', avif('\x14', 'isom', 'mp42')],
    ['an AVIF brand behind the box', avif('\x14', 'heic', 'mif1', 'avif')],
    ['an AVIF brand as the version of another one', latin1('\0\0\0\x14ftypheicavifmif1')],
    ['a box without brands', latin1('\0\0\0\x08ftyp')],
  ])('%s is not of a type that is stored', (_name, data) => {
    expect(fileTypeOf(data)).toBeNull()
  })
})
