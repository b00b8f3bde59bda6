import { expect, test } from 'vitest'
import { colorFor, isPaletteColor, PALETTE } from './palette.ts'
import { contrast, PAPER_BY_DAY, PAPER_BY_NIGHT } from './testing/contrast.ts'

const WHITE = '#ffffff'

test.each(PALETTE)('$name has enough contrast in the light and the dark theme', ({ color }) => {
  expect(contrast(WHITE, color)).toBeGreaterThanOrEqual(4.5)
  expect(contrast(PAPER_BY_DAY, color)).toBeGreaterThanOrEqual(3)
  expect(contrast(PAPER_BY_NIGHT, color)).toBeGreaterThanOrEqual(3)
})

test('every number has a colour of the palette', () => {
  for (const number of [0, 7, 8, 4_294_967_295]) expect(isPaletteColor(colorFor(number))).toBe(true)
  expect(isPaletteColor('url(https://example.org)')).toBe(false)
})
