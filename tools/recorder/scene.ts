// The script of the shipped recording: a person plans a small garden and changes some decisions.
import type { Person } from './person.ts'

export async function writeGardenPlan(person: Person): Promise<void> {
  await person.type('# A garden behind the house\n')
  await person.type(
    'The plot is four metres by six and gets the sun until three. The soil is heavy; it needs ',
  )
  await person.type('sand and a lot of patience.\n')
  await person.think(400)
  await person.type('What we want to grow this year:\n')
  await person.type('- tomatoes, the small ones\n')
  await person.type('beans along the fence\n')
  await person.type('mint (in a pot, or it takes over 🌱)\n')
  await person.type('\n')
  await person.type('First we dig, then we wait for the rain. Nothing is planted before the ')
  await person.type('last frost, whatever the neighbours say.')
  await person.think(500)

  // Removes three whole words and writes others.
  await person.press('Control+Backspace', 3)
  await person.type('people next door say.')

  // Goes back to the first paragraph and extends it.
  await person.clickBefore('The plot is four metres')
  await person.press('Control+ArrowRight', 3)
  await person.type(' about')
  await person.clickBehind('a lot of patience.')
  await person.type(' We have both.')

  // Adds an item in the middle of the list.
  await person.clickBehind('tomatoes, the small ones')
  await person.type('\nlettuce, sown every two weeks')
  await person.press('ArrowUp')
  await person.press('End')
  await person.press('Control+Shift+ArrowLeft', 2)
  await person.type('yellow ones')
  await person.think(300)

  // Formats text as bold, and removes that again.
  await person.clickBehind('beans along the fence')
  await person.press('Control+b')
  await person.type(' (ask Noa)')
  await person.press('Control+b')
  await person.type(' before April')
  await person.press('Control+z')
  await person.type(' before May')

  await person.clickBehind('people next door say.')
  await person.type('\n## Who does what\n')
  await person.type('Noa writes the signs, one of them says ')
  await person.type('שלום')
  await person.type(', which is the first thing that anybody should read here.')
  await person.press('Shift+Enter')
  await person.type('Ben carries the water 💧💧 and complains.')
  await person.think(300)
  await person.press('ArrowLeft', 10)
  await person.type('never ')
  await person.press('End')
  await person.type('\nThe rest is weather.')

  // Replaces the whole last line.
  await person.press('Shift+Home')
  await person.type('We meet on Sunday at ten; bring gloves, a spade if you have one, and cake.')
  await person.think(200)
  await person.press('Backspace', 6)
  await person.type(' something to eat.')
}
