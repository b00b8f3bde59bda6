import { pickBelow } from '../../../test/harness/random.ts'

/** Mutates choices: changes a number, drops or repeats a part, or inserts a part of another input. */
export function mutateChoices(
  choices: readonly number[],
  other: readonly number[],
  random: () => number,
): number[] {
  const changed = [...choices]
  const times = 1 + pickBelow(random, 4)
  for (let time = 0; time < times; time++) mutateOnce(changed, other, random)
  return changed
}

function mutateOnce(choices: number[], other: readonly number[], random: () => number): void {
  const at = pickBelow(random, choices.length + 1)
  const length = 1 + pickBelow(random, 8)
  switch (pickBelow(random, 5)) {
    case 0:
      choices.splice(at, length)
      return
    case 1:
      choices.splice(at, 0, ...choices.slice(at, at + length))
      return
    case 2: {
      const from = pickBelow(random, other.length + 1)
      choices.splice(at, length, ...other.slice(from, from + length * 4))
      return
    }
    case 3:
      choices.splice(at, 0, pickBelow(random, 1_000))
      return
    default:
      if (at < choices.length) choices[at] = pickBelow(random, 1_000)
  }
}
