import { expect, test } from 'vitest'
import { colorFor, isPaletteColor, PALETTE } from './palette.ts'

const WHITE = '#ffffff'
const PAPER_BY_DAY = '#fdfdfb'
const PAPER_BY_NIGHT = '#1a1d24'

test.each(PALETTE)('$name has enough contrast in the light and the dark theme', ({ color }) => {
  expect(contrast(WHITE, color)).toBeGreaterThanOrEqual(4.5)
  expect(contrast(PAPER_BY_DAY, color)).toBeGreaterThanOrEqual(3)
  expect(contrast(PAPER_BY_NIGHT, color)).toBeGreaterThanOrEqual(3)
})

test('every number has a colour of the palette', () => {
  for (const number of [0, 7, 8, 4_294_967_295]) expect(isPaletteColor(colorFor(number))).toBe(true)
  expect(isPaletteColor('url(https://example.org)')).toBe(false)
})

/** The contrast ratio of WCAG 2. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
