import { type Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { ElectricProviderError } from '../errors.ts'

/** The presence that this client sends: its state as JSON (`null` if it has none), and the update. */
export interface OwnPresence {
  readonly json: string
  /** An awareness update of this client alone. */
  readonly update: Uint8Array
}

/** The JSON of a client without a state. */
export const ABSENT = 'null'

/**
 * Reads this client's own state, which the app sets and which can be any value.
 * @throws {ElectricProviderError} `invalid_presence`, if JSON cannot express it: it holds a BigInt or
 * a cycle, a getter or `toJSON` throws, or it is not an object
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
      `the local presence state cannot be written as JSON, so others do not get it${reason}: set a state of plain JSON values`,
      { cause },
    )
  }
}

/**
 * The update for this state, given as JSON, at the current clock of the awareness; null if the awareness
 * has no clock for this client.
 */
export function encodeOwnPresence(awareness: Awareness, json: string): OwnPresence | null {
  const { clientID, meta } = awareness
  if (!meta.has(clientID)) return null
  const states = new Map([[clientID, JSON.parse(json)]])
  return { json, update: encodeAwarenessUpdate(awareness, [clientID], states) }
}
