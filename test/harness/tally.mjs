// Counts the results of a test run. Plain JavaScript, because `npm test` runs it with Node alone.

/**
 * Counts the results in Vitest's JSON report. A file that failed before its first test counts as one
 * failure. So does a run that failed without a failing test (an unhandled rejection, a global setup).
 *
 * @param {unknown} report Vitest's output, or undefined if there is none
 * @param {number | null} exitCode
 */
export function tallyVitest(report, exitCode) {
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const file of isReport(report) ? report.testResults : []) {
    for (const { status } of file.assertionResults) tally[outcomeOf(status)]++
    const hasFailedTest = file.assertionResults.some(({ status }) => outcomeOf(status) === 'failed')
    if (file.status === 'failed' && !hasFailedTest) tally.failed++
  }
  const isRed = exitCode !== 0 || tally.passed === 0
  if (isRed && tally.failed === 0) tally.failed++
  return tally
}

/** @param {string} status */
function outcomeOf(status) {
  if (status === 'passed') return 'passed'
  return ['skipped', 'pending', 'todo', 'disabled'].includes(status) ? 'skipped' : 'failed'
}

/**
 * @typedef {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} VitestReport
 * @param {unknown} value
 * @returns {value is VitestReport}
 */
function isReport(value) {
  return typeof value === 'object' && value !== null && 'testResults' in value
}

/**
 * The last line of `npm test`. @param {{ passed: number, failed: number, skipped: number }} tally
 */
export function summarise({ passed, failed, skipped }) {
  const counts = `${passed} passed, ${failed} failed`
  return skipped > 0 ? `${counts}, ${skipped} skipped` : counts
}
