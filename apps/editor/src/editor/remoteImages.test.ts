import { expect, test } from 'vitest'
import { allowToLoad, mayLoad, remoteHostOf } from './remoteImages.ts'

const BASE = 'https://notes.example.com/d/a'

test('only addresses on other servers are remote, in every notation', () => {
  const cases: [address: unknown, host: string | null][] = [
    ['https://example.org/a.png', 'example.org'],
    ['HTTP://Example.Org:8080/a.png', 'example.org:8080'],
    ['//example.org/a.png', 'example.org'],
    ['\\\\example.org/a.png', 'example.org'],
    [' \nhttps:\t//example.org/a.png', 'example.org'],
    ['http://notes.example.com/a.png', 'notes.example.com'],
    ['https://notes.example.com/a.png', null],
    ['/a.png', null],
    ['a.png', null],
    ['data:image/png;base64,AAAA', null],
    ['', null],
    ['https://', null],
    [5, null],
  ]
  for (const [address, host] of cases) {
    expect([address, remoteHostOf(address, BASE)]).toEqual([address, host])
  }
})

test('a picture on another server is loaded only after the reader has allowed this one', () => {
  const [one, other] = ['https://example.org/1.png', 'https://example.org/2.png']
  expect([mayLoad(one, BASE), mayLoad('/own.png', BASE)]).toEqual([false, true])
  allowToLoad(one)
  expect([mayLoad(one, BASE), mayLoad(other, BASE)]).toEqual([true, false])
})
