// A plant is a fault in the system under test, which shows that the simulator catches such a fault. It wraps
// injected parts, so the shipped code does not contain it.
import type { ElectricProvider, Persistence } from 'y-electric'
import type * as Y from 'yjs'
import type { Platform } from './browsers/page.ts'
import type { DatabaseDouble } from './database/database.ts'
import type { ResultRow, StatementContext } from './database/statement.ts'
import type { Profile } from './profile.ts'
import type { ShapeMessage } from './server/shape-log.ts'
import type { Step } from './step.ts'

export interface Plant {
  readonly name: string
  /** The defect that would cause the fault. */
  readonly about: string
  /** For a fault with state: creates new state for each run, so that a seed always gives the same run. */
  readonly fresh?: () => Partial<Plant>
  readonly persistence?: (inner: Persistence) => Persistence
  readonly platform?: (inner: Platform) => Platform
  readonly doc?: (doc: Y.Doc) => void
  /** Replaces the messages of a shape's answer. */
  readonly shapes?: (messages: readonly ShapeMessage[]) => readonly ShapeMessage[]
  /** A mutant of the server's code, by its name in `plants/server-mutants.ts`. */
  readonly serverMutant?: string
  /** A mutant of the provider's code, by its name in `plants/client-mutants.ts`. */
  readonly clientMutant?: string
  /** Replaces the provider. */
  readonly Provider?: typeof ElectricProvider
  /** The settings of the profile that the fault needs to have an effect; the seed decides the others. */
  readonly profile?: Partial<Profile>
  /**
   * The types of the steps of a run that random choices would rarely give; the rest of each step is random.
   */
  readonly steps?: readonly (Partial<Step> & Pick<Step, 'type'>)[]
  readonly database?: (database: DatabaseDouble) => void
  /** Replaces a statement; `run` runs the original. */
  readonly statement?: (
    text: string,
    context: StatementContext,
    run: () => ResultRow[],
  ) => ResultRow[]
  /** Replaces a server's handler. */
  readonly serve?: (
    request: Request,
    serve: (request: Request) => Promise<Response>,
  ) => Promise<Response>
}

export const NO_PLANT: Plant = { name: 'none', about: 'the unchanged system' }
