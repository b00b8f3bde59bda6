import { expect, test } from 'vitest'
import { newestComment, readNewest } from './newest-rows.ts'

test('an announcement between other events is read back unchanged', () => {
  for (const newest of [
    { activeSegment: 0, seqs: [] },
    { activeSegment: 4, seqs: [7] },
    { activeSegment: 12, seqs: [9_007_199_254_740_991, 3, 2] },
  ]) {
    const text = `data: {"headers":{}}\n\n${newestComment(newest)}: keep-alive\n\n`
    expect(readNewest(text)).toEqual(newest)
    expect(readNewest(text.replaceAll('\n', '\r\n'))).toEqual(newest)
  }
})

test('the last of several announcements counts', () => {
  const [older, newer] = [
    { activeSegment: 1, seqs: [5] },
    { activeSegment: 1, seqs: [6, 5] },
  ]
  expect(readNewest(newestComment(older) + newestComment(newer))).toEqual(newer)
})

test('other comments are not read as announcements', () => {
  for (const text of [
    '',
    ': keep-alive\n\n',
    'data: ": y-electric segment=1 seq=2"\n\n',
    ': y-electric segment=1\n\n',
    ': y-electric segment=x seq=1\n\n',
  ]) {
    expect(readNewest(text)).toBeNull()
  }
})
