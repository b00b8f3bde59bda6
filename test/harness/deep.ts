/**
 * Whether this is a deep run (`npm run test:deep`), which also runs what a default run only takes an example of.
 * CONTRIBUTING.md lists which.
 */
export const isDeep = process.env.Y_ELECTRIC_DEEP === '1'

/** All of them in a deep run, and the first `count` by default. */
export const someOf = <T>(all: readonly T[], count = 1): readonly T[] =>
  isDeep ? all : all.slice(0, count)
