import { describe, expect, test } from 'vitest'
import { backlogEvent, cutBacklog, offsetOfBacklog } from './backlog.ts'

const messages =
  '[{"value":{"text":"Zoë\\n\\nevent: backlog\\n"}},\n{"headers":{"control":"up-to-date"}}]'
const backlog = { offset: '26_4', messages }

describe('a backlog among events', () => {
  test('is read as it was written, whatever its texts contain', () => {
    const before = ': y-electric segment=0 seq=1\n\n'
    const after = 'data: {"value":{}}\n\n'
    const cut = cutBacklog(before + backlogEvent(backlog) + after)
    expect(cut).toMatchObject({ before, after, backlog: { offset: '26_4' } })
    expect(JSON.parse(cut?.backlog.messages ?? '')).toEqual(JSON.parse(messages))
  })

  test.each(['0_inf', '7_0', '18446744073709551615_12'])('names the offset %s', (offset) => {
    expect(offsetOfBacklog(backlogEvent({ ...backlog, offset }))).toBe(offset)
  })

  test('is not found in another event, or before it is whole', () => {
    const event = backlogEvent(backlog)
    expect(cutBacklog(event.slice(0, -1))).toBeNull()
    const row = `data: {"value":${JSON.stringify(event)}}\n\n`
    expect([cutBacklog(row), offsetOfBacklog(row)]).toEqual([null, null])
  })
})
