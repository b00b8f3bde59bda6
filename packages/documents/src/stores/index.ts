import pg from 'pg'
import { openFiles } from './files.ts'
import { openHocuspocusSqlite } from './hocuspocus-sqlite.ts'
import { openTable, UPSTREAM_Y_ELECTRIC, Y_POSTGRESQL } from './postgres.ts'
import type { ForeignStore } from './store.ts'
import { openYLeveldb } from './y-leveldb.ts'

export type { ForeignStore } from './store.ts'

/** The location of a store. */
export interface StorePlace {
  /** A file, a folder, or the URL of a Postgres; empty: the database of `pool`. */
  readonly place: string
  /** The table in a Postgres; null: the product's own name for it. */
  readonly table: string | null
  /** The database of this server. */
  readonly pool: pg.Pool
}

/** A kind of store that can be imported. */
export interface StoreKind {
  readonly summary: string
  /** The kind of `place`: null for a database, which may be that of the server. */
  readonly place: 'FILE' | 'FOLDER' | null
  readonly open: (where: StorePlace) => Promise<ForeignStore>
}

/** Opens a table in the given database, or in the server's own. */
const inPostgres =
  (layout: typeof Y_POSTGRESQL) =>
  async ({ place, table, pool }: StorePlace): Promise<ForeignStore> => {
    const name = table ?? layout.table
    if (place === '') return openTable(pool, layout, name)
    const own = new pg.Pool({ connectionString: place, max: 1 })
    own.on('error', () => {})
    try {
      const store = await openTable(own, layout, name)
      return { ...store, close: () => own.end() }
    } catch (error) {
      await own.end()
      throw error
    }
  }

export const STORES = {
  'hocuspocus-sqlite': {
    summary: 'the file of @hocuspocus/extension-sqlite',
    place: 'FILE',
    open: ({ place }) => openHocuspocusSqlite(place),
  },
  'y-leveldb': {
    summary: 'the folder of y-leveldb (y-websocket with YPERSISTENCE)',
    place: 'FOLDER',
    open: ({ place }) => openYLeveldb(place),
  },
  'y-postgresql': {
    summary: `the table of y-postgresql (${Y_POSTGRESQL.table})`,
    place: null,
    open: inPostgres(Y_POSTGRESQL),
  },
  'upstream-y-electric': {
    summary: `the table of @electric-sql/y-electric (${UPSTREAM_Y_ELECTRIC.table})`,
    place: null,
    open: inPostgres(UPSTREAM_Y_ELECTRIC),
  },
  files: {
    summary: 'a folder of files NAME.yjs, .bin (Yjs v1) or .yjs2 (v2)',
    place: 'FOLDER',
    open: ({ place }) => openFiles(place),
  },
} as const satisfies Record<string, StoreKind>

/** The name of a kind of store. */
export type StoreName = keyof typeof STORES

export const STORE_NAMES = Object.keys(STORES) as readonly StoreName[]
