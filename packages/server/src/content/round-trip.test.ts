// Random documents of every schema, out of every format and in again: equal, or with the named losses.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Format } from './formats.ts'
import { Losses } from './losses.ts'
import type { PmNode } from './prosemirror/nodes.ts'
import { readContent } from './read.ts'
import { normal } from './testing/normal.ts'
import { SCHEMAS } from './testing/schemas.ts'
import { type ContentFormat, writeContent } from './write.ts'

const deep = process.env.Y_ELECTRIC_DEEP === '1'
/** Reading Markdown costs ten times as much as reading HTML. */
const RUNS = { html: 60, markdown: 25, prosemirror: 60, json: 60 } as const
/** How many times as many documents are tried when there is time. */
const DEEP = 20

/** The document after a format, and what the format said that it lost. */
function through(doc: PmNode, format: ContentFormat & Format) {
  const losses = new Losses()
  const before = readContent('prosemirror', JSON.stringify(doc), {}, losses)
  const written = writeContent(before, format, { root: 'default', type: 'xml' })
  const choice = format === 'json' ? { root: 'default', type: 'xml' as const } : {}
  const again = readContent(format, written.body, choice, losses)
  const back = writeContent(again, 'prosemirror', { root: 'default', type: 'xml' })
  const all = [...losses.list(), ...written.losses, ...back.losses]
  return { body: String(written.body), losses: all, back: JSON.parse(String(back.body)) as PmNode }
}

describe.each(Object.entries(SCHEMAS))('a document of %s', (_name, documents) => {
  test.each(['html', 'markdown', 'prosemirror', 'json'] as const)(
    'comes back from %s equal, but for the losses that are named',
    (format) => {
      fc.assert(
        fc.property(documents, (doc) => {
          const { losses, back, body } = through(doc, format)
          expect(losses.some(({ kind }) => kind === 'more')).toBe(false)
          try {
            expect(normal(back, losses)).toEqual(normal(doc, losses))
          } catch (error) {
            ;(error as Error).message += `\nlosses: ${JSON.stringify(losses)}\n${body}`
            throw error
          }
        }),
        { numRuns: RUNS[format] * Number(process.env.MULT ?? (deep ? DEEP : 1)) },
      )
    },
  )
})
