import {
  contentOfUpdate,
  decodeUpdate,
  noIds,
  pushRange,
  subtractIds,
  unionIds,
} from 'y-electric/protocol'
import * as Y from 'yjs'

/**
 * Whether an attacker uses ids of another row. The rows do not show which of the two is the real edit, and
 * readers keep the first one that they see.
 */
export function areTwins(honest: readonly Uint8Array[], hostile: readonly Uint8Array[]): boolean {
  const idsOf = (row: Uint8Array) => contentOfUpdate(decodeUpdate(row)).structs
  let known = unionIds(honest.map(idsOf))
  for (const row of hostile) {
    const { structs } = decodeUpdate(row)
    for (const struct of structs) {
      if (struct instanceof Y.Skip) continue
      const own = noIds()
      pushRange(own, struct.id.client, struct.id.clock, struct.length)
      const fresh = subtractIds(own, known).clients.get(struct.id.client)
      if (fresh?.length !== 1 || fresh[0]?.len !== struct.length) return true
      known = unionIds([known, own])
    }
  }
  return false
}
