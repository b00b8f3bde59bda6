/** A finger that rests this long presses for the menu: as long as phones wait before they select a word. */
const LONG_MS = 500

/** How far a finger that rests may move, in pixels. */
const SLOP = 10

interface Point {
  readonly clientX: number
  readonly clientY: number
}

/** True if a finger has moved, and so scrolls or selects. */
export const hasMoved = (from: Point, to: Point): boolean =>
  Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY) > SLOP

/** Elements with a long press of their own: links open the menu of the browser, fields select their words. */
const OWN = 'a[href], button, input, select, textarea'

interface LongPressActions {
  readonly onPress: (point: Point) => void
  /** The same finger moves after all: it selects text. */
  readonly onMove: () => void
}

/** A clock; tests have one that they move themselves. */
interface Clock {
  readonly after: (ms: number, act: () => void) => () => void
}

const realClock: Clock = {
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Reports fingers that rest on an element. It prevents nothing: the browser selects the word under the finger as it
 * always does, and the focus stays where it is.
 * @returns a function that stops
 */
export function watchLongPress(
  element: HTMLElement,
  { onPress, onMove }: LongPressActions,
  clock = realClock,
): () => void {
  let start: (Point & { readonly at: number }) | null = null
  let stopWaiting = () => {}
  let isPressed = false

  const end = () => {
    stopWaiting()
    start = null
    isPressed = false
  }
  const press = () => {
    if (start === null || isPressed) return
    stopWaiting()
    isPressed = true
    onPress(start)
  }
  const down = (event: PointerEvent) => {
    const { pointerType, isPrimary, target, clientX, clientY, timeStamp } = event
    end()
    const isOwn = (target as Element).closest(OWN) !== null
    if (pointerType !== 'touch' || !isPrimary || isOwn) return
    start = { clientX, clientY, at: timeStamp }
    stopWaiting = clock.after(LONG_MS, press)
  }
  const move = (event: PointerEvent) => {
    if (start === null || !hasMoved(start, event)) return
    if (isPressed) onMove()
    end()
  }
  const scroll = () => {
    if (!isPressed) end()
  }
  // A browser also cancels the events of a finger when it selects the word under it, but not before the finger rests.
  const cancel = ({ timeStamp }: PointerEvent) => {
    if (start !== null && timeStamp - start.at < LONG_MS / 2) end()
  }
  const listeners = new AbortController()
  const { signal } = listeners
  // The element where a finger begins gets all of its events.
  element.addEventListener('pointerdown', down, { signal })
  element.addEventListener('pointermove', move, { signal })
  element.addEventListener('pointerup', end, { signal })
  element.addEventListener('pointercancel', cancel, { signal })
  // Some browsers say when they have waited long enough.
  element.addEventListener('contextmenu', press, { signal })
  element.ownerDocument.addEventListener('scroll', scroll, { signal, capture: true, passive: true })
  return () => {
    end()
    listeners.abort()
  }
}
