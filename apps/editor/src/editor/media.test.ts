import type { DOMOutputSpec } from '@tiptap/pm/model'
import { expect, test } from 'vitest'
import { schemaWith } from './content.ts'

const schema = schemaWith({})
const node = (name: string, attrs: object): DOMOutputSpec | undefined => {
  const made = schema.node(name, { ...attrs })
  return made.type.spec.toDOM?.(made)
}

test.each([
  ['video', { src: 'javascript:alert(1)', poster: 'data:text/html,x' }],
  ['audio', { src: ' JavaScript:alert(1)' }],
  ['iframe', { src: 'java\tscript:alert(1)' }],
  ['youtube', { src: 'data:text/html,x' }],
])('%s with an address that could run a script is shown without the address', (name, attrs) => {
  const shown = JSON.stringify(node(name, attrs))
  expect(shown).not.toMatch(/script:|data:/i)
  expect(shown).toContain(name)
})

test('an embedded page is shown as a link to it', () => {
  expect(JSON.stringify(node('iframe', { src: 'https://a.org/', title: 'A' }))).toContain(
    '"href":"https://a.org/"',
  )
})

test.each([
  ['red', 'color: red'],
  ['rgb(1, 2, 3)', 'color: rgb(1, 2, 3)'],
  ['url(https://a.org/)', ''],
  ['red; position: fixed', ''],
])('text with the colour %j has the style %j', (color, style) => {
  const mark = schema.mark('textStyle', { color })
  expect(JSON.stringify(mark.type.spec.toDOM?.(mark, true))).toContain(`"style":"${style}"`)
})
