import { expect, test } from 'vitest'
import { judgeStalls } from './stalls.ts'

test('a slow request is a stall of the server if the machine runs all processes on time', () => {
  const requests = [
    { from: 0, until: 10 },
    { from: 100, until: 450 },
  ]
  expect(judgeStalls(requests, [{ from: 500, until: 900 }])).toEqual({
    ofServer: 1,
    ofMachine: 0,
    worst: 350,
  })
})

test('a slow request is not a stall of the server if the machine caused the delay', () => {
  const lags = [
    { from: 150, until: 300 },
    { from: 200, until: 290 },
    { from: 340, until: 1_000 },
  ]
  expect(judgeStalls([{ from: 100, until: 450 }], lags)).toEqual({
    ofServer: 0,
    ofMachine: 1,
    worst: 90,
  })
})
