import { PALETTE } from '../people/palette.ts'

/**
 * More colours for documents with many writers. They are lighter than those of the palette, between whose hues theirs
 * are, and visible on the page in the light and the dark theme.
 */
export const MORE_COLORS = [
  '#199bb8',
  '#ba8416',
  '#e34ae3',
  '#00a57d',
  '#f95801',
  '#6785fd',
  '#7c980f',
  '#fe4676',
] as const

/** The colour of writers for whom none is left, and of rows whose writer is not recorded. */
export const NO_COLOR = 'var(--ink-faint)'

/** In an order in which neighbours differ most. */
const COLORS: readonly string[] = [
  ...[5, 1, 3, 7, 6, 2, 4, 0].flatMap((index) => PALETTE[index]?.color ?? []),
  ...MORE_COLORS,
]

/** A writer, and the colour that they have chosen; null if it is not known. */
export interface Wish {
  readonly key: string
  readonly color: string | null
}

/**
 * A colour of its own for each writer while there are enough; the others have {@link NO_COLOR}. A writer has the colour
 * that they have chosen, unless an earlier writer has it. The order of the writers decides about the others, so a
 * writer at the end changes the colour of nobody without a choice of their own.
 */
export function distinctColors(writers: readonly Wish[]): ReadonlyMap<string, string> {
  const colors = new Map<string, string>()
  const taken = new Set<string>()
  const give = (key: string, color: string) => {
    colors.set(key, color)
    taken.add(color)
  }
  for (const { key, color } of writers) {
    if (color !== null && !taken.has(color) && !colors.has(key)) give(key, color)
  }
  for (const { key } of writers) {
    if (!colors.has(key)) give(key, COLORS.find((color) => !taken.has(color)) ?? NO_COLOR)
  }
  return colors
}
