import { type Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { ElectricProviderError } from '../errors.ts'

/** What others are told of this client: its state as JSON (`null` when it has none), and the update. */
export interface OwnPresence {
  readonly json: string
  /** An awareness update of this client alone. */
  readonly update: Uint8Array
}

/** The JSON of a client that shows no state. */
export const ABSENT = 'null'

/**
 * Reads this client's own state, which belongs to the app and may be anything.
 * @throws {ElectricProviderError} `invalid_presence`, when JSON cannot express it: it holds a BigInt or
 * a cycle, a getter or `toJSON` throws, or it is no object at all
 */
export function readOwnPresence(awareness: Awareness): OwnPresence {
  try {
    const state: unknown = awareness.getLocalState()
    const json: unknown = JSON.stringify(state)
    if (typeof json !== 'string' || !(state === null ? json === ABSENT : /^[[{]/.test(json))) {
      throw new TypeError('it is not an object')
    }
    const own = encodeOwnPresence(awareness, json)
    if (own === null) throw new TypeError('the awareness does not know its own client')
    return own
  } catch (cause) {
    const reason = cause instanceof Error ? ` (${cause.message})` : ''
    throw new ElectricProviderError(
      'invalid_presence',
      `the local presence state cannot be written as JSON, so others are not told of it${reason}: set a state of plain JSON values`,
      { cause },
    )
  }
}

/**
 * The update that tells this state, given as JSON, at the awareness's present clock; null when it has
 * none.
 */
export function encodeOwnPresence(awareness: Awareness, json: string): OwnPresence | null {
  const { clientID, meta } = awareness
  if (!meta.has(clientID)) return null
  const states = new Map([[clientID, JSON.parse(json)]])
  return { json, update: encodeAwarenessUpdate(awareness, [clientID], states) }
}
