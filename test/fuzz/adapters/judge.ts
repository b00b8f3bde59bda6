// The one place where the fuzzers meet the judge of updates: what the server asks of an update before it
// stores it.
import { type DecodedUpdate, decodeUpdate, isEmptyUpdate, isOfYjs14 } from 'y-electric/protocol'
import { deletesProblem, roundTripProblem, strictProblem } from './strict.ts'

export interface Judgement {
  /** The update taken apart; null when it is refused. */
  readonly accepted: DecodedUpdate | null
  /** Why it is refused. */
  readonly code: string
}

const refused = (code: string): Judgement => ({ accepted: null, code })

/** Judges an update as `POST updates` does. It never throws, unless the judge is broken. */
export function judge(update: Uint8Array): Judgement {
  if (update.byteLength === 0) return refused('empty_update')
  let decoded: DecodedUpdate
  try {
    decoded = decodeUpdate(update)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return refused('invalid_update')
  }
  if (isOfYjs14(decoded)) return refused('unsupported_yjs')
  if (isEmptyUpdate(decoded)) return refused('empty_update')
  const problem =
    (update[0] === new Set(decoded.structs.map(({ id }) => id.client)).size ? null : 'sections') ??
    deletesProblem(update) ??
    strictProblem(decoded) ??
    roundTripProblem(update)
  return problem === null ? { accepted: decoded, code: 'accepted' } : refused('strict')
}

/** The judge's own errors say what they are about; anything else is a crash. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /^(update|snapshot): /.test(error.message)
