// `npm run bench -- stores`, with a small document. Deep, because PGlite creates its files in Chromium:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration tools/bench/stores
import { expect, test } from 'vitest'
import { isDeep } from '../../test/harness/deep.ts'
import { benchStores } from './stores.ts'

test.runIf(isDeep)(
  'every store is measured in Chromium, and only pages with PGlite download it',
  async () => {
    const { rows } = await benchStores({ rounds: 1, rows: 20, edits: 3 })
    expect(rows.map(({ store }) => store)).toEqual([
      'indexeddb()',
      'pglite() on idb://',
      'pglite() on opfs-ahp://',
    ])
    const [indexeddb = {}, ...others] = rows
    for (const row of rows) {
      for (const value of Object.values(row).slice(1)) expect(value).toBeGreaterThan(0)
    }
    for (const row of others) {
      expect(row['download KB']).toBeGreaterThan(Number(indexeddb['download KB']) + 1_000)
    }
  },
)
