import { expect, test } from 'vitest'
import { LazyPart } from './lazy-part.ts'

/** A part that is there when the test says so; it is the list of commands that it was given. */
function setup() {
  let arrive: (part: string[]) => void = () => {}
  let cancelled = 0
  const lazy = new LazyPart<string[]>((use) => {
    arrive = use
    return () => {
      cancelled += 1
    }
  })
  const say = (word: string, replaces?: unknown) =>
    lazy.do((part) => part.push(word), replaces ?? Symbol())
  return { lazy, say, arrive: (part: string[]) => arrive(part), cancelled: () => cancelled }
}

test('commands wait for the part, and run in their order', () => {
  const { lazy, say, arrive } = setup()
  say('one')
  say('two')
  expect(lazy.part).toBeNull()
  const part: string[] = []
  arrive(part)
  say('three')
  expect(part).toEqual(['one', 'two', 'three'])
})

test('a later command takes the place of a waiting one that it replaces', () => {
  const { say, arrive } = setup()
  say('open', 'connection')
  say('other')
  say('close', 'connection')
  const part: string[] = []
  arrive(part)
  expect(part).toEqual(['other', 'close'])
})

test('a part whose loading is cancelled gets none of the waiting commands', () => {
  const { lazy, say, arrive, cancelled } = setup()
  say('one')
  lazy.cancel()
  const part: string[] = []
  arrive(part)
  expect([part, cancelled()]).toEqual([[], 1])
})

test('a dropped command does not run', () => {
  const { lazy, say, arrive } = setup()
  say('open', 'open')
  lazy.forget('open')
  const part: string[] = []
  arrive(part)
  expect(part).toEqual([])
})
