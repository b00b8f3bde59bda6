import type { Choices } from '../engine/choices.ts'

/** The boundaries of integer types: 31, 32 and 53 bits. */
export const EDGES = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1] as const

/** Mostly the expected number, sometimes another small one, rarely one at a boundary. */
export const numberNear = (choices: Choices, expected: number): number =>
  choices.weighted<number>([
    [90, () => expected],
    [4, () => choices.below(40)],
    [2, () => Math.min(2 ** 53 - 1, expected + 1 + choices.below(3))],
    [1, () => choices.pick(EDGES)],
    [1, () => choices.pick(EDGES) - choices.below(20)],
  ])

/**
 * The number of the following parts. It is nearly always correct, because a wrong number makes the rest
 * unreadable.
 */
export const countOf = (choices: Choices, parts: readonly unknown[]): number =>
  choices.oneIn(60) ? numberNear(choices, choices.below(4)) : parts.length
