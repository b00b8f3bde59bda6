import type { Target, TargetOptions } from '../engine/target.ts'

/** Every target. Each is loaded when it is opened. */
const TARGETS = {
  updates: async () => (await import('./updates.ts')).updates(),
  snapshots: async () => (await import('./snapshots.ts')).snapshots(),
  state: async () => (await import('./state.ts')).state(),
  presence: async () => (await import('./presence.ts')).presence(),
  routes: async (options: TargetOptions) => (await import('./routes.ts')).routes(options),
  content: async () => (await import('./content.ts')).content(),
} as const satisfies Record<string, (options: TargetOptions) => Promise<Target>>

export type TargetName = keyof typeof TARGETS

export const TARGET_NAMES = Object.keys(TARGETS) as readonly TargetName[]

export const openTarget = (name: TargetName, options: TargetOptions = {}): Promise<Target> =>
  TARGETS[name](options)
