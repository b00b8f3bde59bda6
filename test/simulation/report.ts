// Formats a failed run for a person.
import type { Outcome } from './run.ts'
import { describe } from './steps.ts'

/** The most lines of a trace that are printed. */
const LAST_LINES = 400

export function report({ plan, error, rule, trace, hash }: Outcome): string {
  const { seed, steps: _, ...profile } = plan.profile
  const lines = trace.slice(-LAST_LINES)
  return [
    `seed ${seed} breaks ${rule}: ${error?.message}`,
    `again: npm run simulate -- --seed ${seed} --runs 1`,
    `profile: ${JSON.stringify(profile)}`,
    `steps:`,
    ...plan.steps.map((step, i) => `  ${i + 1}. ${describe(step)}`),
    `trace (${trace.length} lines, sha256 ${hash}):`,
    ...(lines.length < trace.length ? [`  … ${trace.length - lines.length} earlier lines`] : []),
    ...lines.map((line) => `  ${line}`),
  ].join('\n')
}
