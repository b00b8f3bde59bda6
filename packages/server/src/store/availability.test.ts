import { expect, test } from 'vitest'
import { isDatabaseUnavailable, isDiskFull, isUnstorableText } from './availability.ts'

const failure = (code: string): Error => Object.assign(new Error('failed'), { code })

test.each(['53100', 'storage_full'])('%s means that the disk is full', (code) => {
  expect(isDiskFull(failure(code))).toBe(true)
})

test.each(['ECONNREFUSED', '57P01', '53300', 'database_stopped'])(
  '%s means that the database is unavailable, not that its disk is full',
  (code) => {
    expect(isDatabaseUnavailable(failure(code))).toBe(true)
    expect(isDiskFull(failure(code))).toBe(false)
  },
)

test.each(['22021', '22P05'])('%s means that a text cannot be stored', (code) => {
  expect(isUnstorableText(failure(code))).toBe(true)
  expect(isUnstorableText(failure('22012'))).toBe(false)
})
