// The limits that `npm run size` and `size.test.ts` check. Raise a limit only with a reason in the commit: a
// limit is about 1 % above the size that was measured when it was set.

/** The bytes that `import { ElectricProvider } from 'y-electric'` adds to an app's first chunk, gzip -9. */
export const FIRST_CHUNK_BYTES = 39_500

/** The same with `indexeddb()`, and with `idb`, which it needs. */
export const FIRST_CHUNK_WITH_INDEXEDDB_BYTES = 47_500

/** The bytes that each lazy module adds when it is loaded, by module, gzip -9. */
export const LAZY_BYTES: Readonly<Record<string, number>> = {
  'session/presence/presence.js': 4_280,
  'session/sharing.js': 7_000,
  'session/document/twin-judge.js': 5_450,
  'io/compactor.js': 2_120,
  'session/device/on-demand.js': 6_120,
}

/** The scripts and styles that the editor loads before it draws, gzip -9. Panels and menus are loaded when they are used. */
export const EDITOR_FIRST_PAINT_BYTES = 200_000

/** The size of each package as npm publishes it, packed, without the changelog. Bytes. */
export const PACKED_BYTES: Readonly<Record<string, number>> = {
  'y-electric': 571_000,
  '@y-electric/server': 459_000,
  '@y-electric/embedded': 216_000,
  // More than half of them are the editor that the command serves.
  '@y-electric/documents': 2_633_000,
  // The templates of Next.js are a sixth of it.
  'create-y-electric': 12_500,
}
