import type { Target } from '../engine/target.ts'
export function content(): Target { throw new Error('not yet') }
