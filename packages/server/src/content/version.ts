import { countStructs, type FoldSources, foldToSnapshot } from 'y-electric/protocol'
import { readingSnapshots } from './readable.ts'

/** A version of a document: its bytes (Yjs v2), and how many structs they hold. */
export interface Version {
  readonly data: Uint8Array
  readonly structs: number
}

/**
 * A version of a document as it is stored: one Yjs v2 update. Rows that wait are not in it.
 * @param keepHistory whether the document keeps deleted content
 * @throws {RequestError} `corrupt`
 */
export function versionOf(sources: FoldSources, keepHistory: boolean): Version {
  const data = readingSnapshots(() => foldToSnapshot(sources, !keepHistory))
  return { data, structs: countStructs(data) }
}
