/** Reads the usable part of a snapshot row. A server without today's checks may have written the row. */
import * as Y from 'yjs'
import { unionIds } from './id-ranges.ts'
import type { DecodingLimits } from './strict-decoders.ts'
import { soundDeletes, structProblem } from './struct-problems.ts'
import { type DecodedUpdate, decodeSnapshot, type Struct } from './update-decoding.ts'
import { encodeStructs } from './update-encoding.ts'

/** A snapshot row without its bad parts. */
export interface SoundSnapshot {
  /** Yjs v2; the same bytes if nothing is bad. */
  readonly data: Uint8Array
  readonly decoded: DecodedUpdate
  /** A description of the bad parts; null if there are none. */
  readonly problem: string | null
}

/** Thrown for a snapshot row of which nothing can be read. */
export class UnreadableSnapshotError extends Error {
  override readonly name = 'UnreadableSnapshotError'
}

/**
 * Reads a snapshot row. Edits that Yjs cannot use become deleted content, because later edits build
 * on them. The result depends on the bytes alone, so that all readers see the same document.
 * @param limits of a proposed row; a stored row has none, or readers would disagree about it
 * @throws {UnreadableSnapshotError} if the bytes are not a snapshot, or exceed the limits
 */
export function readSnapshotRow(data: Uint8Array, limits?: DecodingLimits): SoundSnapshot {
  const decoded = decode(data, limits)
  const problems: string[] = []
  for (const struct of decoded.structs) {
    const problem = structProblem(struct)
    if (problem !== null) problems.push(problem)
  }
  const deletes = soundDeletes(decoded.deletes)
  if (deletes !== decoded.deletes) problems.push('it deletes ids that no client can have used')
  const [first] = problems
  if (first === undefined) return { data, decoded, problem: null }
  const structs = decoded.structs.flatMap(soundPart)
  const sound = { structs, deletes: unionIds([deletes]) }
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  return {
    data: Y.convertUpdateFormatV1ToV2(encodeStructs(sound.structs, sound.deletes)),
    decoded: sound,
    problem: `${first}${more}`,
  }
}

function decode(data: Uint8Array, limits?: DecodingLimits): DecodedUpdate {
  try {
    return decodeSnapshot(data, limits)
  } catch (cause) {
    throw new UnreadableSnapshotError((cause as Error).message, { cause })
  }
}

/** A struct unchanged, or as deleted content; nothing if its ids themselves cannot be used. */
export function soundPart(struct: Struct): Struct[] {
  if (structProblem(struct) === null) return [struct]
  if (!(struct instanceof Y.Item)) return []
  const { id, origin, rightOrigin, parent, parentSub, length } = struct
  const content = new Y.ContentDeleted(length)
  const tombstone = new Y.Item(id, null, origin, null, rightOrigin, parent, parentSub, content)
  return structProblem(tombstone) === null ? [tombstone] : []
}
