import { describeLosses, type Format, type Loss } from '../documents/index.ts'
import type { Io } from './command.ts'
import { harmlessLine } from './text.ts'

/** Prints to standard error what a conversion lost; nothing when it kept everything. */
export function warnOfLosses(io: Io, format: Format, losses: readonly Loss[]): void {
  if (losses.length === 0) return
  io.warn(harmlessLine(`not everything was kept by ${format}: ${describeLosses(losses)}`))
}
