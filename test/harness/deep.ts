/**
 * Whether this is a deep run (`npm run test:deep`), which also runs the cases that a default run leaves out.
 * CONTRIBUTING.md lists these cases.
 */
export const isDeep = process.env.Y_ELECTRIC_DEEP === '1'

/** Returns all items in a deep run, and the first `count` by default. */
export const someOf = <T>(all: readonly T[], count = 1): readonly T[] =>
  isDeep ? all : all.slice(0, count)
