import { describe, expect, test } from 'vitest'
import {
  describeLosses,
  Losses,
  lossesHeader,
  MAX_LOSS_NAME,
  MAX_LOSSES,
  MAX_LOSSES_HEADER_BYTES,
} from './losses.ts'

describe('losses', () => {
  test('are counted together if they have the same kind and name', () => {
    const losses = new Losses()
    losses.add('mark', 'comment')
    losses.add('node', 'comment')
    losses.add('mark', 'comment', 2)
    expect(losses.list()).toEqual([
      { kind: 'mark', name: 'comment', count: 3 },
      { kind: 'node', name: 'comment', count: 1 },
    ])
    expect(describeLosses(losses.list())).toBe('3 × mark comment, 1 × node comment')
  })

  test('are bounded, whatever names a document gives to its nodes', () => {
    const losses = new Losses()
    for (let i = 0; i < MAX_LOSSES + 10; i++) losses.add('node', `n${i}`, 2)
    losses.add('attribute', 'x'.repeat(10_000))
    const list = losses.list()
    expect(list).toHaveLength(MAX_LOSSES + 1)
    expect(list.at(-1)).toEqual({ kind: 'more', name: 'other losses', count: 21 })
    const long = new Losses()
    long.add('node', 'x'.repeat(10_000))
    expect(long.list()[0]?.name).toHaveLength(MAX_LOSS_NAME)
  })

  test('fit into a header as ASCII, and the header still counts all of them', () => {
    const losses = new Losses()
    for (let i = 0; i < MAX_LOSSES; i++) losses.add('node', `${i}${'ü\n'.repeat(MAX_LOSS_NAME)}`)
    const value = lossesHeader(losses.list())
    expect(value).toMatch(/^[\x20-\x7e]+$/)
    expect(value.length).toBeLessThanOrEqual(MAX_LOSSES_HEADER_BYTES)
    const read = JSON.parse(value) as { count: number; name: string }[]
    expect(read.reduce((sum, { count }) => sum + count, 0)).toBe(MAX_LOSSES)
    expect(read[0]?.name).toBe(losses.list()[0]?.name)
  })
})
