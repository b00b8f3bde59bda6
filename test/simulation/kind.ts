// The behaviour of a type of step.
import type { Step } from './step.ts'
import type { World } from './world.ts'

export type Act = (world: World, step: Step) => unknown

export interface Kind {
  /** How often, compared with the others. */
  readonly weight: number
  readonly act: Act
}
