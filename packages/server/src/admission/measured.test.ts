import { expect, test } from 'vitest'
import { Measured, type Reservation } from './measured.ts'

const NAMES = ['rows'] as const
type Rows = { readonly rows: number }

/** A storage whose measurements the test can delay. */
function storage({ checkMs = 3_600_000 } = {}) {
  let rows = 0
  let held: Promise<void> | undefined
  let measurements = 0
  const measured = new Measured<'rows', Rows>({
    names: NAMES,
    measure: async () => {
      measurements++
      const value = { rows }
      await held
      return value
    },
    checkMs: () => checkMs,
    maxKeys: 10,
  })
  return {
    measured,
    measurements: () => measurements,
    /** Stores rows without notifying `Measured`. */
    put: (count: number) => {
      rows += count
    },
    /** Blocks measurements that begin from now on until the returned function is called. */
    hold: (): (() => void) => {
      let release = (): void => {}
      held = new Promise((resolve) => {
        release = () => {
          held = undefined
          resolve()
        }
      })
      return release
    },
  }
}

const reserve = (measured: Measured<'rows', Rows>, rows: number, limit: number) =>
  measured.reserve('key', { rows }, { rows: limit })

const isReserved = (outcome: object): outcome is Reservation<'rows'> => 'end' in outcome

test('concurrent requests together never reserve more room than there is', async () => {
  const { measured } = storage()
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => reserve(measured, 1, 3)))
  expect(outcomes.filter(isReserved)).toHaveLength(3)
})

test('a reservation that stores nothing releases its room, and one that stores something keeps it', async () => {
  const { measured } = storage()
  const first = await reserve(measured, 2, 3)
  expect(isReserved(await reserve(measured, 2, 3))).toBe(false)
  if (isReserved(first)) first.end(null)
  const second = await reserve(measured, 2, 3)
  if (isReserved(second)) second.end({ rows: 2 })
  expect(await reserve(measured, 2, 3)).toEqual({ name: 'rows', value: 2, limit: 3 })
  expect(measured.current('key')).toEqual({ rows: 2 })
})

test('rows stored since the last measurement count while the next measurement runs', async () => {
  const { measured, put, hold } = storage({ checkMs: 0 })
  const first = await reserve(measured, 3, 3)
  put(3)
  if (isReserved(first)) first.end({ rows: 3 })
  const release = hold()
  // The measurement is out of date, so this check starts another one without waiting for it.
  const outcomes = [await reserve(measured, 1, 3), await reserve(measured, 1, 3)]
  expect(outcomes.filter(isReserved)).toEqual([])
  expect(measured.current('key')).toEqual({ rows: 3 })
  release()
  await expect.poll(() => measured.current('key')).toEqual({ rows: 3 })
})

test('a failed measurement keeps the last result', async () => {
  let isAway = false
  const measured = new Measured<'rows', Rows>({
    names: NAMES,
    measure: async () => {
      if (isAway) throw new Error('the database is away')
      return { rows: 1 }
    },
    checkMs: () => 0,
    maxKeys: 10,
  })
  const first = await reserve(measured, 1, 3)
  if (isReserved(first)) first.end({ rows: 1 })
  isAway = true
  expect(isReserved(await reserve(measured, 1, 3))).toBe(true)
  expect(measured.current('key')).toEqual({ rows: 2 })
})

test('a forgotten key is measured before the next answer, and its reservations are kept', async () => {
  const { measured, put, measurements } = storage()
  const first = await reserve(measured, 2, 3)
  expect(isReserved(first)).toBe(true)
  put(1)
  measured.forget('key')
  expect(measured.current('key')).toBeNull()
  expect(isReserved(await reserve(measured, 1, 3))).toBe(false)
  expect(measurements()).toBe(2)
  expect(measured.current('key')).toEqual({ rows: 1 })
})

test('a key that is forgotten during its measurement is measured again', async () => {
  const { measured, put, hold, measurements } = storage()
  const release = hold()
  const first = measured.read('key')
  put(5)
  measured.forget('key')
  release()
  await first
  expect(await measured.read('key')).toEqual({ rows: 5 })
  expect(measurements()).toBe(2)
})
