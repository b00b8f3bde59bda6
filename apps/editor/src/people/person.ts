import { colorFor, isPaletteColor } from './palette.ts'

/** A person as others see them. */
export interface Person {
  /** The same in all tabs of one browser, so that a person is counted once. */
  readonly id: string
  readonly name: string
  readonly color: string
}

export const LONGEST_NAME = 32

const QUALITIES =
  'Amber Bold Brisk Calm Clever Early Fair Gentle Golden Kind Lively Lucid Merry Mellow Nimble Quick Quiet Silver Steady Sunny Swift Warm Wild Wise'.split(
    ' ',
  )
const ANIMALS =
  'Badger Crane Curlew Dolphin Falcon Finch Fox Hare Heron Ibis Jay Kestrel Lark Lynx Marten Otter Owl Plover Puffin Raven Robin Seal Sparrow Swallow Tern Wren'.split(
    ' ',
  )

/** A new person with a friendly name that reveals nothing. */
export function newPerson(random: (size: number) => Uint8Array = randomBytes): Person {
  const [quality = 0, animal = 0, color = 0, ...rest] = random(13)
  return {
    id: rest.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    name: `${QUALITIES[quality % QUALITIES.length]} ${ANIMALS[animal % ANIMALS.length]}`,
    color: colorFor(color),
  }
}

/**
 * Cleans up a name for display: one line, limited length, no characters that change the text
 * direction.
 */
export function tidyName(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return [...line].slice(0, LONGEST_NAME).join('').trim()
}

/**
 * Reads the user state that another client sent; it is untrusted input.
 * @param clientId determines the defaults for missing fields
 */
export function personOf(said: unknown, clientId: number): Person {
  const { id, name, color } = fieldsOf(said)
  return {
    id: typeof id === 'string' && id.length > 0 && id.length <= 64 ? id : `client ${clientId}`,
    name: (typeof name === 'string' && tidyName(name)) || 'Anonymous',
    color: isPaletteColor(color) ? color : colorFor(clientId),
  }
}

/** One or two initials of a name. */
export function initialsOf(name: string): string {
  const words = name.split(' ').filter((word) => word !== '')
  const last = words.length > 1 ? words[words.length - 1] : undefined
  return [words[0], last]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase()
}

function fieldsOf(value: unknown): { id?: unknown; name?: unknown; color?: unknown } {
  return typeof value === 'object' && value !== null ? value : {}
}

function randomBytes(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size))
}
