// Simulates a person at a keyboard, who types in bursts, makes and corrects mistakes, and pauses to think.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { pickBelow } from '../../test/harness/random.ts'

// biome-ignore format: a keyboard is easier to check in rows
const neighbours: Readonly<Record<string, string>> = {
  a: 's', b: 'v', c: 'x', d: 'f', e: 'r', f: 'g', g: 'h', h: 'j', i: 'o', j: 'k', k: 'l', l: 'k',
  m: 'n', n: 'm', o: 'p', p: 'o', q: 'w', r: 't', s: 'd', t: 'y', u: 'i', v: 'b', w: 'e', x: 'c',
  y: 'u', z: 'x',
}

const mistakes = 0.03
const keyMs = { least: 25, spread: 60 } as const

export class Person {
  readonly #page: Page
  readonly #random: () => number

  constructor(page: Page, random: () => number) {
    this.#page = page
    this.#random = random
  }

  async type(text: string): Promise<void> {
    const letters = [...text]
    for (const [index, letter] of letters.entries()) {
      const wrong = neighbours[letter]
      if (wrong !== undefined && this.#random() < mistakes) {
        // The person notices the mistake after one or two more letters.
        const more = letters.slice(index + 1, index + 1 + pickBelow(this.#random, 3))
        for (const typed of [wrong, ...more]) await this.#key(typed)
        await this.think(250)
        await this.press('Backspace', 1 + more.length)
      }
      await this.#key(letter)
      if ('.,?\n'.includes(letter)) await this.think(120)
    }
  }

  async press(key: string, times = 1): Promise<void> {
    for (let time = 0; time < times; time++) {
      await this.#page.keyboard.press(key)
      await sleep(this.#pause())
    }
  }

  /** Clicks behind the last letter of a paragraph with these words. */
  async clickBehind(words: string): Promise<void> {
    const { line, width, height } = await this.#find(words)
    await line.click({ position: { x: width - 2, y: height - 4 } })
    await this.press('End')
  }

  /** Clicks before the first letter of a paragraph with these words. */
  async clickBefore(words: string): Promise<void> {
    const { line } = await this.#find(words)
    await line.click({ position: { x: 1, y: 8 } })
  }

  think(ms: number): Promise<void> {
    return sleep(ms * (0.5 + this.#random()))
  }

  async #find(words: string) {
    const line = this.#page.getByText(words).last()
    const box = await line.boundingBox()
    if (box === null) throw new Error(`"${words}" is not on the page`)
    return { line, ...box }
  }

  async #key(letter: string): Promise<void> {
    if (letter === '\n') await this.#page.keyboard.press('Enter')
    else await this.#page.keyboard.type(letter)
    await sleep(this.#pause())
  }

  #pause(): number {
    return keyMs.least + this.#random() ** 2 * keyMs.spread
  }
}
