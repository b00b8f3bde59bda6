import * as encoding from 'lib0/encoding'
import { encodePresence } from 'y-electric/protocol'
import type { Choices } from '../engine/choices.ts'
import { anyBytes, mutateBytes, toHex } from './bytes.ts'
import { countOf, numberNear } from './numbers.ts'
import { jsonText } from './values.ts'

/** An awareness update, mostly of one client: its id, its clock, its state as JSON. */
export function anyPresenceUpdate(choices: Choices, client: number): Uint8Array {
  const clients = choices.oneIn(10) ? choices.list(0, 3, () => choices.below(5)) : [client]
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, countOf(choices, clients))
  for (const id of clients) {
    encoding.writeVarUint(encoder, numberNear(choices, id))
    encoding.writeVarUint(encoder, numberNear(choices, 1 + choices.below(3)))
    encoding.writeVarString(encoder, choices.oneIn(8) ? 'null' : stateText(choices))
  }
  const bytes = encoding.toUint8Array(encoder)
  return choices.oneIn(6) ? mutateBytes(choices, bytes) : bytes
}

const stateText = (choices: Choices): string =>
  choices.oneIn(3)
    ? jsonText(choices)
    : `{"user":${jsonText(choices)},"cursor":${jsonText(choices)}}`

/** Frames of `GET awareness/rows`. */
export function anyPresenceFrames(choices: Choices): Uint8Array {
  const rows = choices.list(0, 4, () => {
    const clientId = Math.max(0, numberNear(choices, 100 + choices.below(3)))
    const ageMs = Math.max(0, numberNear(choices, choices.below(50_000)))
    const data = choices.oneIn(8) ? anyBytes(choices, 8) : anyPresenceUpdate(choices, clientId)
    return { clientId, ageMs, data }
  })
  const bytes = encodePresence(rows)
  return choices.oneIn(3) ? mutateBytes(choices, bytes) : bytes
}

/** The presence of an honest client, which no input may hide. */
export const HONEST_PERSON = honestPerson(77, 'Ada')

function honestPerson(client: number, name: string) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, 5)
  encoding.writeVarString(encoder, JSON.stringify({ name }))
  const data = `\\x${toHex(encoding.toUint8Array(encoder))}`
  const value = { client_id: String(client), data }
  return { client, name, message: { headers: { operation: 'insert' }, value } }
}
