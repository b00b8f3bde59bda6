// Random schedules of writers with one client id: in every order of arrival and with any losses,
// everybody who joins sees all that was written.
import { describe, expect, test } from 'vitest'
import { isDeep } from '../../../../../test/harness/deep.ts'
import { type Person, TwinWorld } from '../testing/twin-world.ts'

const count = isDeep ? 500 : 4
const chosen = process.env.Y_ELECTRIC_SEED
const seeds =
  chosen === undefined
    ? Array.from({ length: count }, () => Math.floor(Math.random() * 2 ** 31))
    : [Number(chosen)]

/**
 * Schedules in which two writers delete text of a third one, because each had its own text at those
 * ids.
 */
const FOUND_SEEDS = [1934441435, 928157587, 978983017]

const STEPS = 80
const MAX_EDITS = 16

/**
 * Runs a random schedule in which people edit. @returns the text that a client sees that joins at
 * the end
 */
async function play(
  seed: number,
  hasFolds: boolean,
  edit: (world: TwinWorld, person: Person) => void,
): Promise<string> {
  const world = new TwinWorld(seed)
  try {
    await world.settle()
    world.losses = [0, 1 / 12, 1 / 6][world.below(3)] ?? 0
    let edits = 0
    for (let i = 0; i < STEPS; i++) {
      const person = world.people[world.below(world.people.length)]
      if (person === undefined) continue
      if (edits < MAX_EDITS && world.below(3) === 0) {
        edits++
        edit(world, person)
      } else if (world.below(20) === 0) person.session.reconnect()
      else if (hasFolds && world.below(12) === 0) {
        if (world.below(2) === 0) world.server.roll()
        else world.fold()
      } else await world.step()
      if (world.below(3) > 0) await world.flush()
    }
    world.losses = 0
    await world.settle()
    return world.server.joined().getText('body').toString()
  } finally {
    await world.close()
  }
}

const timesIn = (text: string, part: string): number => text.split(part).length - 1

describe.each(seeds)('writers with one client id (seed %i)', (seed) => {
  test.each([
    ['nothing is folded', false],
    ['rows that all have read are folded', true],
  ])('find each word once while %s', async (_, hasFolds) => {
    const words: string[] = []
    const text = await play(seed, hasFolds, (world, person) => {
      // All words begin and end the same, so the writer of a letter cannot be recognized.
      const word = `<${person.name}${words.length}${'x'.repeat(world.below(9))}>`
      words.push(word)
      person.text.insert(person.text.length, word)
    })
    expect(words.filter((word) => timesIn(text, word) !== 1)).toEqual([])
  })
})

/** Runs a random schedule in which people also delete. */
async function playWithDeletes(seed: number) {
  const typed: string[] = []
  const deleted = new Set<string>()
  const result = await play(seed, false, (world, { text }) => {
    const shown = text.toString()
    if (shown.length > 0 && world.below(3) === 0) {
      const at = world.below(shown.length)
      const length = Math.min(1 + world.below(3), shown.length - at)
      for (const char of shown.slice(at, at + length)) deleted.add(char)
      text.delete(at, length)
      return
    }
    // All characters differ, so that each can be found again.
    const chars = Array.from({ length: 1 + world.below(6) }, (_, i) =>
      String.fromCodePoint(0x4e00 + typed.length + i),
    )
    typed.push(...chars)
    text.insert(world.below(shown.length + 1), chars.join(''))
  })
  return {
    lost: typed.filter((char) => !deleted.has(char) && !result.includes(char)),
    doubled: typed.filter((char) => timesIn(result, char) > 1),
  }
}

describe('writers with one client id', () => {
  // A doubled character is allowed: two writers may restore the same text at the same moment.
  test.each(seeds)(
    'writers who also delete lose nothing that nobody deleted (seed %i)',
    async (seed) => {
      expect((await playWithDeletes(seed)).lost).toEqual([])
    },
  )

  test.each(FOUND_SEEDS)(
    'text that two of them deleted by mistake is restored once (seed %i)',
    async (seed) => {
      expect(await playWithDeletes(seed)).toEqual({ lost: [], doubled: [] })
    },
  )
})
