import { beforeEach, expect, test, vi } from 'vitest'
import { hasMoved, watchLongPress } from './longPress.ts'

const at = (clientX: number, clientY: number) => ({ clientX, clientY })

test('a finger that trembles rests, and one that scrolls or selects moves', () => {
  expect(hasMoved(at(100, 100), at(104, 106))).toBe(false)
  expect(hasMoved(at(100, 100), at(100, 111))).toBe(true)
  expect(hasMoved(at(100, 100), at(92, 92))).toBe(true)
})

/** A text and its page, with a clock that the test moves. */
function watched() {
  const page = new EventTarget()
  const text = Object.assign(new EventTarget(), { ownerDocument: page, closest: () => null })
  let due: (() => void) | null = null
  const clock = {
    after: (_ms: number, act: () => void) => {
      due = act
      return () => {
        due = null
      }
    },
  }
  const actions = { onPress: vi.fn(), onMove: vi.fn() }
  const stop = watchLongPress(text as unknown as HTMLElement, actions, clock)
  const happen = (type: string, details: object = {}, where: EventTarget = text) => {
    const touch = { pointerType: 'touch', isPrimary: true, timeStamp: 0, ...at(100, 100) }
    const event = new Event(type)
    for (const [name, value] of Object.entries({ ...touch, ...details })) {
      Object.defineProperty(event, name, { value })
    }
    where.dispatchEvent(event)
  }
  return { ...actions, stop, happen, page, wait: () => due?.() }
}

let finger: ReturnType<typeof watched>
beforeEach(() => {
  finger = watched()
})

test('a finger that rests is reported with its place, once', () => {
  finger.happen('pointerdown')
  expect(finger.onPress).not.toHaveBeenCalled()
  finger.wait()
  finger.happen('contextmenu')
  finger.happen('pointerup')
  expect(finger.onPress).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(at(100, 100)))
  expect(finger.onMove).not.toHaveBeenCalled()
})

test('a browser that has waited long enough itself is believed', () => {
  finger.happen('pointerdown')
  finger.happen('contextmenu')
  finger.wait()
  expect(finger.onPress).toHaveBeenCalledOnce()
})

test('a finger is reported although the browser takes it over to select a word', () => {
  finger.happen('pointerdown')
  finger.happen('pointercancel', { timeStamp: 400 })
  finger.wait()
  expect(finger.onPress).toHaveBeenCalledOnce()
})

test('a finger that selects text after all says so', () => {
  finger.happen('pointerdown')
  finger.wait()
  finger.happen('pointermove', at(104, 100))
  expect(finger.onMove).not.toHaveBeenCalled()
  finger.happen('pointermove', at(140, 100))
  expect(finger.onMove).toHaveBeenCalledOnce()
})

test.each<[string, (finger: ReturnType<typeof watched>) => void]>([
  ['is lifted at once', ({ happen }) => happen('pointerup')],
  ['moves', ({ happen }) => happen('pointermove', at(100, 140))],
  ['scrolls', ({ happen, page }) => happen('scroll', {}, page)],
  ['is taken over at once', ({ happen }) => happen('pointercancel', { timeStamp: 100 })],
  ['is no longer watched', ({ stop }) => stop()],
])('a finger that %s is not reported', (_name, act) => {
  finger.happen('pointerdown')
  act(finger)
  finger.wait()
  finger.happen('contextmenu')
  expect(finger.onPress).not.toHaveBeenCalled()
})

test('a mouse, a second finger and a link are not reported', () => {
  for (const details of [
    { pointerType: 'mouse' },
    { isPrimary: false },
    { target: { closest: () => ({}) } },
  ]) {
    finger.happen('pointerdown', details)
    finger.wait()
  }
  expect(finger.onPress).not.toHaveBeenCalled()
})
