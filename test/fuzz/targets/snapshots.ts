import type { Target } from '../engine/target.ts'
export function snapshots(): Target { throw new Error('not yet') }
