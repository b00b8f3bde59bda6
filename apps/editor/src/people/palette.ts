/**
 * The colours that distinguish people. All have the same lightness, so that white letters are
 * legible on each, and each is visible on the page in the light and the dark theme.
 */
export const PALETTE = [
  { name: 'Brick', color: '#c0453b' },
  { name: 'Copper', color: '#aa5911' },
  { name: 'Olive', color: '#78710d' },
  { name: 'Fern', color: '#327e2b' },
  { name: 'Teal', color: '#027c7c' },
  { name: 'Sky', color: '#0274b7' },
  { name: 'Violet', color: '#8556c7' },
  { name: 'Rose', color: '#bd3f7a' },
] as const

/** The colour of a person without a palette colour: always the same for the same number. */
export function colorFor(number: number): string {
  return (PALETTE[number % PALETTE.length] ?? PALETTE[0]).color
}

export function isPaletteColor(value: unknown): value is string {
  return PALETTE.some(({ color }) => color === value)
}
