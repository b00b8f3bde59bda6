import type { Target } from '../engine/target.ts'
export function state(): Target { throw new Error('not yet') }
