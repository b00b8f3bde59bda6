import type { Target } from '../engine/target.ts'
export function presence(): Target { throw new Error('not yet') }
