import { expect, test } from 'vitest'
import {
  type DeviceList,
  parseDeviceList,
  withOpened,
  without,
  withRestored,
  withTitle,
} from './deviceList.ts'

const list: DeviceList = [
  { docId: 'b', title: 'Second', lastOpened: 2 },
  { docId: 'a', title: 'First', lastOpened: 1 },
]

test('opening moves a document to the top and keeps its title', () => {
  expect(withOpened(list, 'a', 3)).toEqual([{ docId: 'a', title: 'First', lastOpened: 3 }, list[0]])
  expect(withOpened([], 'new', 3)).toEqual([{ docId: 'new', title: 'Untitled', lastOpened: 3 }])
})

test('a title changes only its own document, and an equal title changes nothing', () => {
  expect(withTitle(list, 'a', 'Renamed').map((entry) => entry.title)).toEqual(['Second', 'Renamed'])
  expect(withTitle(list, 'a', 'First')).toBe(list)
  expect(withTitle(list, 'removed meanwhile', 'x')).toBe(list)
})

test('a restored document returns to its previous place', () => {
  for (const entry of list) expect(withRestored(without(list, entry.docId), entry)).toEqual(list)
})

test('invalid entries in storage are ignored', () => {
  expect(parseDeviceList(JSON.stringify(list))).toEqual(list)
  expect(parseDeviceList(null)).toEqual([])
  expect(parseDeviceList('{')).toEqual([])
  expect(parseDeviceList('{"docId":"a"}')).toEqual([])
  expect(parseDeviceList(JSON.stringify([null, 1, { docId: 'a' }, ...list]))).toEqual(list)
})
