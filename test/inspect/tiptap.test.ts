// Documents of a real editor are exported to and imported from every format, and compared by y-tiptap.
import { yDocToProsemirrorJSON, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap'
import { readContent, writeContent } from '@y-electric/documents'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { isDeep } from '../harness/deep.ts'
import { anyDocument } from './documents.ts'
import { canonical, EVERYTHING, type Json, schema, tiptapDoc } from './schema.ts'

const runs = isDeep ? 2_000 : 20
/** The number of runs with Markdown, which takes ten times as long to read. */
const markdownRuns = isDeep ? 1_000 : 5

const read = (doc: Y.Doc, format: 'prosemirror' | 'html' | 'markdown' | 'text'): string =>
  writeContent(doc, format).body as string
const prosemirror = (doc: Y.Doc): Json => JSON.parse(read(doc, 'prosemirror')) as Json

/** The document as an editor shows it. @throws if the editor would drop content */
function inEditor(doc: Y.Doc): Json {
  const before = doc.getXmlFragment('default').toString()
  const node = yXmlFragmentToProseMirrorRootNode(doc.getXmlFragment('default'), schema)
  // The editor removes a node that the schema does not accept from the document.
  expect(doc.getXmlFragment('default').toString()).toBe(before)
  return node.toJSON() as Json
}

const ANY = { anySpace: true, own: true, onlyMarkdown: false }

describe('prosemirror', () => {
  test('equals the output of y-tiptap for every TipTap node', () => {
    const doc = tiptapDoc(EVERYTHING)
    expect(prosemirror(doc)).toEqual(yDocToProsemirrorJSON(doc, 'default'))
    expect(canonical(prosemirror(doc)).toJSON()).toEqual(canonical(EVERYTHING).toJSON())
    // The names of marks that overlap their own kind contain a hash, which must be the same.
    const again = readContent('prosemirror', JSON.stringify(prosemirror(doc)))
    expect(doc.getXmlFragment('default').toString()).toMatch(/<comment--[\w+/=]{8} /)
    expect(again.getXmlFragment('default').toString()).toBe(
      doc.getXmlFragment('default').toString(),
    )
    expect(inEditor(again)).toEqual(inEditor(doc))
  })

  test('can be imported again unchanged for any document', () => {
    fc.assert(
      fc.property(anyDocument(ANY), (json) => {
        const doc = tiptapDoc(json)
        const said = prosemirror(doc)
        expect(said).toEqual(yDocToProsemirrorJSON(doc, 'default'))
        const again = readContent('prosemirror', JSON.stringify(said))
        expect(again.getXmlFragment('default').toString()).toBe(
          doc.getXmlFragment('default').toString(),
        )
        expect(prosemirror(again)).toEqual(said)
        expect(inEditor(again)).toEqual(inEditor(doc))
      }),
      { numRuns: runs },
    )
  })
})

describe('html', () => {
  test('is imported unchanged for every TipTap node', () => {
    const doc = tiptapDoc(EVERYTHING)
    const again = readContent('html', read(doc, 'html'))
    expect(withoutNulls(inEditor(again))).toEqual(withoutNulls(inEditor(doc)))
  })

  test('is imported unchanged for any document, and is stable', () => {
    fc.assert(
      fc.property(anyDocument(ANY), (json) => {
        const doc = tiptapDoc(json)
        const html = read(doc, 'html')
        const again = readContent('html', html)
        expect(withoutNulls(inEditor(again))).toEqual(withoutNulls(inEditor(doc)))
        expect(read(again, 'html')).toBe(html)
      }),
      { numRuns: runs },
    )
  })

  /** HTML does not distinguish a link without a target from a link with the default target of the editor. */
  const withoutNulls = (json: Json): unknown =>
    JSON.parse(
      JSON.stringify(json, (key, value: unknown) =>
        key === 'target' || key === 'rel' || value === null ? undefined : value,
      ),
    )
})

describe('markdown', () => {
  test('has the expected text for every TipTap node', () => {
    const markdown = read(tiptapDoc(EVERYTHING), 'markdown')
    expect(markdown).toMatchInlineSnapshot(`
      "# Heading 1

      ## Heading 2

      ### Heading 3

      #### Heading 4

      ##### Heading 5

      ###### Heading 6

      Plain, **bol&#x64;_&#x62;old italic_**_italic_ ~~gone~~<u> under</u> \`let x = 1\` [a link **in bold**](https://example.com/a?b=1\\&c=2 "a \\"title\\"").\\
      after a break, 5 < 6 & 7 > 6

      😀 👩‍👩‍👧 é **שלום עולם** مرحبا

      <span data-y-mark="comment" data-y-attrs='{"id":"a"}'>one comment, <span data-y-mark="comment" data-y-attrs='{"id":"b"}'>**two**</span></span>

      &#x20; two  spaces	and a tab &#x20;

      <p></p>

      > quoted
      >
      > > twice

      * one
      * two

        3. three
        4. four
           * deep

      - [x] done
      - [ ] to do
        * [x] below

      \`\`\`ts
      if (a < b) {
        return "&amp;"
      }

      \`\`\`

      \`\`\`
      no language
      \`\`\`

      ***

      ![An "image"](<https://example.com/a b.png?x=1> "Title")

      <table><tbody>
      <tr><th><p>Name</p></th><th colspan="2"><p>Numbers</p></th></tr>
      <tr><td><p><strong>a</strong></p></td><td><p>1</p></td><td><p></p></td></tr>
      <tr><td rowspan="2" data-colwidth="120"><p>two</p><p>lines</p></td><td><p>2 | 3</p></td><td><ul><li><p>in a cell</p></li></ul></td></tr>
      </tbody></table>

      <div data-y-node="callout" data-y-attrs='{"kind":"warning","nested":{"deep":[1,"two"]}}'>

      own block

      * inside

      </div>

      <div data-y-node="caption">own text block with <span data-y-node="mention" data-type="mention" data-id="u1" data-label="Ada" data-y-attrs='{"id":"u1","label":"Ada"}' data-y-leaf="">Ada</span> in it</div>
      "
    `)
  })

  test('with front matter, a linked image and checked items is imported as the editor expects it', () => {
    const doc = readContent(
      'markdown',
      '---\ntitle: x\n---\n\n[![b](/b.png)](/l)\n\n1. [x] a\n\n| a |\n| :-: |\n| b |\n',
    )
    const types = inEditor(doc).content?.map(({ type }) => type)
    expect(types).toEqual(['image', 'orderedList', 'table'])
  })

  test('is stable', () => {
    const shape = { anySpace: false, own: false, onlyMarkdown: true }
    fc.assert(
      fc.property(anyDocument(shape), (json) => {
        const once = read(readContent('markdown', read(tiptapDoc(json), 'markdown')), 'markdown')
        expect(read(readContent('markdown', once), 'markdown')).toBe(once)
      }),
      { numRuns: markdownRuns },
    )
  })

  test('is imported in a form that the editor accepts', () => {
    fc.assert(
      fc.property(anyDocument({ ...ANY, own: false }), (json) => {
        inEditor(readContent('markdown', read(tiptapDoc(json), 'markdown')))
      }),
      { numRuns: markdownRuns },
    )
  })
})
