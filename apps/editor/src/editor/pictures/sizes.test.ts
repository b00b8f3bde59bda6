import { expect, test } from 'vitest'
import { PICTURE_SIZES, sizeOf } from './sizes.ts'

test('each size of a picture is known by its width', () => {
  for (const size of PICTURE_SIZES) expect(sizeOf(size.width)).toBe(size)
})

test('a picture without a width has its full size', () => {
  expect(sizeOf(undefined)?.name).toBe('full')
})

test.each([300, '240', '50%', {}])('the width %j is none of the sizes', (width) => {
  expect(sizeOf(width)).toBe(null)
})
