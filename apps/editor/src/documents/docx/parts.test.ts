import { expect, test } from 'vitest'
import { unreadParts } from './parts.ts'

const archive = (...names: string[]) => new TextEncoder().encode(names.join('\u0000PK'))

test('the parts of a Word file that are not read are named, each once', () => {
  const names = [
    'word/document.xml',
    'word/header1.xml',
    'word/header2.xml',
    'word/charts/chart1.xml',
  ]
  // A file is named at its content and in the directory of the archive.
  expect(unreadParts(archive(...names, ...names))).toEqual([
    { kind: 'node', name: 'header', count: 2 },
    { kind: 'node', name: 'chart', count: 1 },
  ])
})

test('a Word file of text and pictures has no such part', () => {
  expect(unreadParts(archive('word/document.xml', 'word/media/image1.png'))).toEqual([])
})
