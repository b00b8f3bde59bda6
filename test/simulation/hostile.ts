// A hostile writer that has found a way around the checks of the server: bytes that are not an update are
// stored as a row.

import { IDEMPOTENCY_KEY_HEADER, isSoundRow, UPDATE_MEDIA_TYPE } from 'y-electric/protocol'
import * as Y from 'yjs'
import { emptyDoc } from './checks/content.ts'
import { PoolDouble } from './database/pool.ts'
import type { Chance } from './kernel/chance.ts'
import { DOC_ID } from './names.ts'
import { post } from './post.ts'
import type { World } from './world.ts'

/** The number of one-byte changes to try before using random bytes. */
const TRIES = 20

/** Bytes that no client applies: a stored row, cut or changed, or random ones. */
function badBytes(world: World, chance: Chance): Uint8Array {
  const rows = [...world.database.table('updates').values()].filter(
    ({ docId, data }) => docId === DOC_ID && data.byteLength > 3 && isSoundRow(data),
  )
  const sample = rows.length === 0 ? sampleUpdate() : chance.pick(rows).data
  for (let tries = 0; tries < TRIES; tries++) {
    const bytes = chance.happens(0.3)
      ? sample.slice(0, 1 + chance.below(sample.byteLength - 1))
      : sample.slice()
    bytes[chance.below(bytes.byteLength)] = chance.below(256)
    if (!isSoundRow(bytes)) return bytes
  }
  return Uint8Array.from([255, 255, 255, chance.below(256)])
}

function sampleUpdate(): Uint8Array {
  const doc = emptyDoc()
  doc.clientID = 11
  doc.getText('body').insert(0, 'sample')
  return Y.encodeStateAsUpdate(doc)
}

/** Stores a bad row without the server, as an operator or an earlier version of the server could. */
export async function storeBadRow(world: World, chance: Chance): Promise<void> {
  const data = badBytes(world, chance)
  const pool = new PoolDouble({ database: world.database, pause: async () => {} })
  const text = 'SELECT row_seq, created FROM ydoc_append($1, $2, $3, $4)'
  world.trace.note('hostile', `stores a bad row of ${data.byteLength} bytes`)
  world.stored.expectBad(data)
  // A deleted document accepts no row, and a concurrent fold may block the writer.
  void pool.query(text, [DOC_ID, chance.uuid(), data, null]).catch(() => {})
}

/** Posts a bad row; the server has to refuse it. */
export function postBadRow(world: World, chance: Chance): void {
  post(world, chance, {
    who: 'hostile',
    route: 'updates',
    body: new Uint8Array(badBytes(world, chance)),
    contentType: UPDATE_MEDIA_TYPE,
    headers: { [IDEMPOTENCY_KEY_HEADER]: chance.uuid() },
  })
}
