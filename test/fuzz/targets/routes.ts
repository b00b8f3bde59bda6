import type { Target } from '../engine/target.ts'
export function routes(): Target { throw new Error('not yet') }
