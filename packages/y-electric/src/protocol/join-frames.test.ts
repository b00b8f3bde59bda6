import { expect, test } from 'vitest'
import { decodeJoin, encodeJoinFrames, type JoinFrames } from './join-frames.ts'
import { encodeState } from './state-frames.ts'

const state = {
  activeSegment: 2,
  snapshot: null,
  rows: [{ segment: 1, seq: 5, data: new Uint8Array([1, 2]) }],
}
const merged = {
  data: new Uint8Array([9, 8, 7]),
  activeBytes: 300,
  rows: [
    { segment: 0, seq: 12 },
    { segment: 1, seq: 4 },
    { segment: 2, seq: 1_000_000 },
  ],
}
const follow = { handle: '12-34', offset: '7_0' }
const encode = (frames: JoinFrames) =>
  new Uint8Array([...encodeJoinFrames(frames), ...encodeState(state)])

test.each<JoinFrames>([
  { follow, merged },
  { follow: null, merged },
  { follow, merged: null },
  { follow: null, merged: null },
])('the answer to a joiner is read as it was written: %o', (frames) => {
  expect(decodeJoin(encode(frames))).toEqual({ ...frames, state })
})

test('plain state is read too', () => {
  expect(decodeJoin(encodeState(state))).toEqual({ follow: null, merged: null, state })
})

test('an answer that is cut short anywhere is an error that names the field', () => {
  const bytes = encode({ follow, merged })
  for (let length = 0; length < bytes.byteLength; length++) {
    expect(() => decodeJoin(bytes.subarray(0, length)), `${length} bytes`).toThrow(
      /^state: cut short (or out of range )?while reading /,
    )
  }
  expect(() => decodeJoin(new Uint8Array([...bytes, 0]))).toThrow('bytes left over')
  expect(() => decodeJoin(new Uint8Array([2, 7]))).toThrow('unknown kind 7 of follow')
})
