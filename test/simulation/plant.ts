// A fault that is planted into the system under test, to show that the simulator catches it. It wraps
// what is injected; no shipped code knows of it.
import type { Persistence } from 'y-electric'
import type * as Y from 'yjs'
import type { Platform } from './browsers/page.ts'
import type { DatabaseDouble } from './database/database.ts'
import type { ResultRow, StatementContext } from './database/statement.ts'

export interface Plant {
  readonly name: string
  /** Why a system might be wrong like that. */
  readonly about: string
  readonly persistence?: (inner: Persistence) => Persistence
  readonly platform?: (inner: Platform) => Platform
  readonly doc?: (doc: Y.Doc) => void
  readonly database?: (database: DatabaseDouble) => void
  /** In place of a statement: `run` runs it as it is. */
  readonly statement?: (
    text: string,
    context: StatementContext,
    run: () => ResultRow[],
  ) => ResultRow[]
  /** In place of a server's handler. */
  readonly serve?: (
    request: Request,
    serve: (request: Request) => Promise<Response>,
  ) => Promise<Response>
}

export const NO_PLANT: Plant = { name: 'none', about: 'the system as it is' }
