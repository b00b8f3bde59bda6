import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkFold } from './check.ts'
import { honestProposal, type Rows } from './testing/documents.ts'
import { changed, type Parts } from './testing/encoder.ts'
import { find, holds, sample, swap } from './testing/sample.ts'

const { rows } = sample()
const honest = honestProposal(rows)
const whole = honestProposal(rows, false)

const verdictOf = (proposal: Uint8Array, of: Rows = rows) =>
  checkFold({ previous: null, rows: of }, proposal)

/** The id of the difference and its kind. @throws when the proposal is accepted */
function refusalOf(proposal: Uint8Array, of: Rows = rows): string {
  const verdict = verdictOf(proposal, of)
  if (verdict.type === 'same') throw new Error('the proposal was accepted')
  return verdict.difference
}

type Hostile = readonly [name: string, make: () => Uint8Array, difference: RegExp]

const edited =
  (change: (parts: Parts) => void, of = honest) =>
  () =>
    changed(of, change)
const withDoc = (change: (doc: Y.Doc) => void) => () => {
  const copy = new Y.Doc()
  Y.applyUpdateV2(copy, honest)
  copy.clientID = 1
  change(copy)
  return Y.encodeStateAsUpdateV2(copy)
}

const HOSTILE: readonly Hostile[] = [
  [
    'one struct missing at the end',
    edited((parts) => {
      const last = parts.structs.filter(({ id }) => id.client === 2).at(-1)
      if (last !== undefined) swap(parts, last)
    }),
    /^2:\d+ is missing$/,
  ],
  [
    'a struct missing in between',
    edited((parts) => {
      const item = find(parts, holds('inside'))
      swap(parts, item, new Y.Skip(item.id, item.length))
    }),
    /^the snapshot waits for edits that it does not hold$/,
  ],
  [
    'one struct more',
    withDoc((copy) => copy.getText('text').insert(0, '!')),
    /^1:\d+ is in no row$/,
  ],
  [
    'one more client',
    withDoc((copy) => {
      copy.clientID = 9
      copy.getMap('map').set('added', 1)
    }),
    /^9:0 is in no row$/,
  ],
  [
    'one delete missing',
    edited((parts) => {
      parts.deletes.clients.set(1, (parts.deletes.clients.get(1) ?? []).slice(1))
    }, whole),
    /^1:2 is deleted by a row, but not here$/,
  ],
  [
    'one delete more',
    withDoc((copy) => copy.getText('text').delete(1, 1)),
    /^1:0 is deleted, but no row deletes it$/,
  ],
  [
    'all text deleted and collected',
    withDoc((copy) => copy.getText('text').delete(0, copy.getText('text').length)),
    /^1:0 is deleted, but no row deletes it$/,
  ],
  [
    'one letter changed under the same clock',
    edited((parts) => {
      find(parts, holds('inside')).content = new Y.ContentString('insidX')
    }),
    /^1:\d+ holds text "insidX", not text "inside"$/,
  ],
  [
    'a changed attribute',
    edited((parts) => {
      find(parts, ({ parentSub }) => parentSub === 'level').content = new Y.ContentAny(['2'])
    }),
    /holds values \["2"\], not values \["1"\]$/,
  ],
  [
    'a changed format value',
    edited((parts) => {
      const format = find(parts, ({ content }) => content instanceof Y.ContentFormat)
      format.content = new Y.ContentFormat('bold', false)
    }),
    /holds format \["bold",false\], not format \["bold",true\]$/,
  ],
  [
    'a changed embed',
    edited((parts) => {
      const embed = find(parts, ({ content }) => content instanceof Y.ContentEmbed)
      embed.content = new Y.ContentEmbed({ image: 'b.png' })
    }),
    /holds embed/,
  ],
  [
    'another element',
    edited((parts) => {
      const element = find(
        parts,
        ({ content }) => content instanceof Y.ContentType && content.type instanceof Y.XmlElement,
      )
      element.content = new Y.ContentType(new Y.XmlElement('script'))
    }),
    /holds a YXmlElement <script>, not a YXmlElement <p>$/,
  ],
  [
    'another subdocument',
    edited((parts) => {
      const sub = find(parts, ({ content }) => content instanceof Y.ContentDoc)
      sub.content = new Y.ContentDoc(new Y.Doc({ guid: 'theirs' }))
    }),
    /holds subdocument/,
  ],
  [
    'other bytes',
    edited((parts) => {
      const bytes = find(parts, ({ content }) => content instanceof Y.ContentBinary)
      bytes.content = new Y.ContentBinary(new Uint8Array([1, 3]))
    }),
    /holds bytes 0103, not bytes 0102$/,
  ],
  [
    'a changed parent',
    edited((parts) => {
      const item = find(parts, ({ parentSub }) => parentSub === 'other')
      swap(
        parts,
        item,
        new Y.Item(item.id, null, null, null, null, elsewhere(), 'other', item.content),
      )
    }),
    /stands in "elsewhere"\."other".*, not in "map"\."other"/,
  ],
  [
    'a changed parentSub',
    edited((parts) => {
      find(parts, ({ parentSub }) => parentSub === 'other').parentSub = 'another'
    }),
    /stands in "map"\."another"/,
  ],
  [
    'a changed origin',
    edited((parts) => {
      find(parts, holds('XYZ')).origin = Y.createID(1, 4)
    }),
    /^2:0 stands .* after 1:4 before/,
  ],
  [
    'a changed rightOrigin',
    edited((parts) => {
      find(parts, holds('XYZ')).rightOrigin = Y.createID(1, 5)
    }),
    /^2:0 stands .* before 1:5/,
  ],
  [
    'a tombstone collected, beside which later edits would vanish',
    edited((parts) => {
      const tombstone = find(parts, ({ content }) => content instanceof Y.ContentDeleted)
      swap(parts, tombstone, new Y.GC(tombstone.id, tombstone.length))
    }),
    /^1:\d+ is collected, but still has a place$/,
  ],
  [
    'another document',
    () => {
      const other = new Y.Doc()
      other.clientID = 1
      other.getText('text').insert(0, 'not yours')
      return Y.encodeStateAsUpdateV2(other)
    },
    /^1:0 /,
  ],
  ['an empty document', () => Y.encodeStateAsUpdateV2(new Y.Doc()), /^1:0 is missing$/],
  ['no bytes', () => new Uint8Array(), /^the bytes are not a snapshot/],
  ['cut short', () => honest.slice(0, -1), /^the bytes are not a snapshot/],
  ['a cut view', () => honest.subarray(0, honest.length - 3), /^the bytes are not a snapshot/],
  [
    'bytes left over',
    () => new Uint8Array([...honest, 0]),
    /^the bytes are not a snapshot: .*1 bytes left over/,
  ],
  ['a v1 body', () => Y.convertUpdateFormatV2ToV1(honest), /^the bytes are not a snapshot/],
]

/** The name of a root type replaces the parent until the item is integrated. */
const elsewhere = () => 'elsewhere' as unknown as Y.AbstractType<unknown>

describe('a hostile proposal is refused, and the error names the id of the difference', () => {
  test.each(HOSTILE)('%s', (_name, make, difference) => {
    expect(refusalOf(make())).toMatch(difference)
  })

  test('when it is cut short at any byte', () => {
    for (let end = 0; end < honest.length; end += 3) {
      expect(verdictOf(honest.slice(0, end)).type, `cut at ${end}`).toBe('different')
    }
  })

  test('unless it only writes a struct twice: the stored bytes are the checked ones', () => {
    const proposal = changed(honest, (parts) => {
      const item = find(parts, holds('inside'))
      const copy = new Y.Item(
        item.id,
        null,
        item.origin,
        null,
        item.rightOrigin,
        item.parent,
        item.parentSub,
        new Y.ContentString('INSIDE'),
      )
      swap(parts, item, item, copy)
    })
    const verdict = verdictOf(proposal)
    if (verdict.type === 'same') {
      expect(Buffer.from(verdict.snapshot).includes('INSIDE')).toBe(false)
      expect(verdictOf(verdict.snapshot).type).toBe('same')
    }
  })
})
