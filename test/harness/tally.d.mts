export interface Tally {
  passed: number
  failed: number
  skipped: number
}
export function tallyVitest(report: unknown, exitCode: number | null): Tally
export function summarise(tally: Tally): string
