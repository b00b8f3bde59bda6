import { describe, expect, test } from 'vitest'
import { summarise, tallyVitest } from './tally.mjs'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
})

describe('the tally', () => {
  test('counts tests, and does not count skipped ones as passed', () => {
    const report = {
      testResults: [
        file('passed', 'passed', 'skipped', 'pending', 'todo'),
        file('failed', 'passed', 'failed'),
      ],
    }
    expect(tallyVitest(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 3 })
  })

  test('counts a file that could not be loaded as one failure', () => {
    const report = { testResults: [file('passed', 'passed'), file('failed')] }
    expect(tallyVitest(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })

  test('counts an error outside all tests as one failure', () => {
    const report = { testResults: [file('passed', 'passed')] }
    expect(tallyVitest(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
    expect(tallyVitest(report, null)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })

  test('counts a run without tests or without a report as failed', () => {
    expect(tallyVitest({ testResults: [file('passed', 'skipped')] }, 0).failed).toBe(1)
    expect(tallyVitest(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

test('names skipped tests in the last line only if there are any', () => {
  expect(summarise({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(summarise({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})
