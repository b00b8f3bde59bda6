import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../io/clock.ts'
import { Follows } from './follows.ts'
import type { UnsignedTabMessage } from './messages.ts'

let now: number
let isLeader: boolean
let posted: UnsignedTabMessage['type'][]
let follows: Follows
let end: () => void

const clock: Clock = {
  now: () => now,
  random: () => 0,
  uuid: () => 'id',
  after: () => () => {},
}

beforeEach(() => {
  now = 0
  isLeader = false
  posted = []
  follows = new Follows({
    clock,
    isLeader: () => isLeader,
    post: ({ type }) => posted.push(type),
  })
  ;({ stop: end } = follows.add({
    http: { send: () => new Promise(() => {}), beacon: () => {} },
    clock,
    url: 'http://follows.test/shape',
    start: 'beginning',
    live: 'long-poll',
    log: 'full',
    onMessage: () => {},
    onEnd: () => {},
  }))
})
afterEach(() => end())

const beat = (...urls: string[]) => follows.hear({ type: 'beat', tab: 'leader', urls })

test('a tab whose leader follows something else is left to itself for no longer than that', () => {
  expect(posted).toEqual(['recent'])
  for (now = 0; now <= 2_000; now += 300) beat('http://follows.test/another')
  expect(follows.ledUrls()).toEqual([])
  for (; now <= 3_000; now += 300) beat('http://follows.test/another')
  expect(follows.ledUrls()).toEqual(['http://follows.test/shape'])
  beat('http://follows.test/another')
  expect(posted).toEqual(['recent', 'leading'])
  beat('http://follows.test/shape', 'http://follows.test/another')
  expect(follows.ledUrls()).toEqual([])
  expect(posted).toEqual(['recent', 'leading', 'recent'])
})

test('the leader itself goes on, whoever else says that it leads', () => {
  isLeader = true
  follows.lead()
  beat('http://follows.test/shape')
  expect(follows.ledUrls()).toEqual(['http://follows.test/shape'])
})

test('where another stream begins, a follower catches up once more', () => {
  follows.hear({ type: 'leading', tab: 'leader', url: 'http://follows.test/another' })
  expect(posted).toEqual(['recent'])
  follows.hear({ type: 'leading', tab: 'leader', url: 'http://follows.test/shape' })
  expect(posted).toEqual(['recent', 'recent'])
})
