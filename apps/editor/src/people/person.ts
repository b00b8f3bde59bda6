import { colorFor, isPaletteColor } from './palette.ts'

/** Somebody as others see them. */
export interface Person {
  /** The same in all tabs of one browser, so that nobody is counted twice. */
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

/** Somebody new: a friendly name that gives nothing away. */
export function newPerson(random: (size: number) => Uint8Array = randomBytes): Person {
  const [quality = 0, animal = 0, color = 0, ...rest] = random(13)
  return {
    id: rest.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    name: `${QUALITIES[quality % QUALITIES.length]} ${ANIMALS[animal % ANIMALS.length]}`,
    color: colorFor(color),
  }
}

/** A name as it may be shown: one line, not long, and nothing in it that turns the text around. */
export function tidyName(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return [...line].slice(0, LONGEST_NAME).join('').trim()
}

/**
 * Reads what somebody else says of themselves, with suspicion: it comes from a stranger's page.
 * @param clientId stands in for what they do not say
 */
export function personOf(said: unknown, clientId: number): Person {
  const { id, name, color } = fieldsOf(said)
  return {
    id: typeof id === 'string' && id.length > 0 && id.length <= 64 ? id : `client ${clientId}`,
    name: (typeof name === 'string' && tidyName(name)) || 'Somebody',
    color: isPaletteColor(color) ? color : colorFor(clientId),
  }
}

/** One or two letters that stand for a name. */
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
