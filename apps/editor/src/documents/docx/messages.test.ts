import { expect, test } from 'vitest'
import { counted, lostIn } from './messages.ts'

test('the messages of the converter are losses, counted by their names', () => {
  const messages = [
    "Unrecognised paragraph style: 'Epigraph' (Style ID: Epigraph)",
    'An unrecognised element was ignored: w:sdtFancy',
    "Unrecognised paragraph style: 'Epigraph' (Style ID: Epigraph)",
    "Unrecognised run style: 'Emphasis 2' (Style ID: Emphasis2)",
    'A later version says something else',
  ]
  expect(counted(messages.map(lostIn))).toEqual([
    { kind: 'structure', name: 'style “Epigraph”', count: 2 },
    { kind: 'node', name: 'w:sdtFancy', count: 1 },
    { kind: 'structure', name: 'style “Emphasis 2”', count: 1 },
    { kind: 'structure', name: '(A later version says something else)', count: 1 },
  ])
})
