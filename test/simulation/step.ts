// A step is data, so that a run can be printed, repeated and shrunk.
import type { NetworkFault, RouteName } from './network/faults.ts'

export interface Step {
  readonly type: string
  /** The seed of the random choices within the step. */
  readonly seed: number
  readonly who: number
  readonly tab: number
  readonly ms: number
  readonly count: number
  readonly fault: NetworkFault
  readonly route: RouteName
}
