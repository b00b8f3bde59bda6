import { expect, test } from 'vitest'
import { formatHandle, type HandleName, parseHandle, renamed } from './handle.ts'

const visible = { xmin: 5, xmax: 9, inProgress: [5, 7] }
const names: [string, HandleName][] = [
  ['a snapshot', { shape: '123', lsn: 7, visible, maker: null }],
  [
    'a snapshot that too many transactions overlap',
    { shape: '123', lsn: 7, visible: null, maker: null },
  ],
  ['a snapshot of several chunks', { shape: '123', lsn: 7, visible, maker: '456' }],
]

test.each(names)(
  'each renaming gives the handle of %s a new text for the same snapshot',
  (_, name) => {
    const handles = [formatHandle(name)]
    for (let i = 0; i < 3; i++) handles.push(renamed(handles[i] ?? ''))
    expect(new Set(handles).size).toBe(handles.length)
    for (const handle of handles) {
      expect(parseHandle(handle)).toMatchObject({ ...name, maker: parseHandle(handle)?.maker })
    }
  },
)

test('text that is not a handle is not renamed', () => {
  expect(renamed('nonsense')).toBe('nonsense')
})
