import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PALETTE } from '../people/palette.ts'
import { contrast, PAPER_BY_DAY, PAPER_BY_NIGHT } from '../people/testing/contrast.ts'
import { distinctColors, MORE_COLORS, NO_COLOR } from './colors.ts'

const MOST = PALETTE.length + MORE_COLORS.length

test.each(MORE_COLORS)('%s is visible in the light and the dark theme', (color) => {
  expect(contrast(PAPER_BY_DAY, color)).toBeGreaterThanOrEqual(3)
  expect(contrast(PAPER_BY_NIGHT, color)).toBeGreaterThanOrEqual(3)
})

test('writers have different colours while there are enough, and a chosen colour goes to the first who chose it', () => {
  const chosen = fc.option(fc.constantFrom(...PALETTE.map(({ color }) => color)))
  fc.assert(
    fc.property(fc.array(chosen, { maxLength: 24 }), (wishes) => {
      const writers = wishes.map((color, index) => ({ key: `writer ${index}`, color }))
      const colors = distinctColors(writers)
      const given = writers.map(({ key }) => colors.get(key))
      const distinct = given.filter((color) => color !== NO_COLOR)
      expect(new Set(distinct).size).toBe(distinct.length)
      expect(distinct.length).toBe(Math.min(writers.length, MOST))
      for (const [index, color] of wishes.entries()) {
        if (color !== null && wishes.indexOf(color) === index) expect(given[index]).toBe(color)
      }
    }),
  )
})

test('a writer who comes later without a choice changes no colour', () => {
  const writers = ['Ada', 'Bob', 'Cem'].map((key) => ({ key, color: null }))
  const before = distinctColors(writers)
  const after = distinctColors([...writers, { key: 'Dee', color: null }])
  for (const { key } of writers) expect(after.get(key)).toBe(before.get(key))
})
