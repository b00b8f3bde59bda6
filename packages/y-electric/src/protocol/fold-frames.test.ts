import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFoldProposal, encodeFoldProposal } from './fold-frames.ts'

test('a proposal is decoded unchanged', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.uint8Array({ minLength: 1, maxLength: 50 }),
      (throughSegment, data) => {
        const proposal = { throughSegment, data }
        expect(decodeFoldProposal(encodeFoldProposal(proposal))).toEqual(proposal)
      },
    ),
  )
})

test('the bytes of version 1 never change', () => {
  const bytes = encodeFoldProposal({ throughSegment: 300, data: new Uint8Array([7, 8]) })
  expect([...bytes]).toEqual([1, 0xac, 0x02, 7, 8])
})

test.each([
  ['nothing', [], /cut short or out of range while reading version/],
  ['another version', [2, 0, 7], /format version 2, this server reads 1/],
  ['no segment', [1], /while reading through/],
  ['an endless number', [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], /through/],
  ['no snapshot', [1, 0], /no snapshot bytes/],
] as const)('%s is refused', (_name, bytes, message) => {
  expect(() => decodeFoldProposal(new Uint8Array(bytes))).toThrow(message)
})
