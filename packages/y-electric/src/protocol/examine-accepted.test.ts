import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { examineUpdate } from './examine-update.ts'
import { MAX_TYPE_DEPTH } from './soundness.ts'
import {
  bytes,
  CONTENT,
  competing,
  gc,
  item,
  nested,
  of,
  skip,
  text,
  update,
} from './testing/raw-updates.ts'
import { decodeUpdate, isEmptyUpdate } from './update-decoding.ts'
import { MAX_VALUE_DEPTH } from './values.ts'

const { any, doc, embed, format, json, string, type } = CONTENT
const NULL = bytes(126)
const TRUE = bytes(120)
const NONE = bytes(127)

const HARMLESS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  [
    'undefined, null, NaN, infinity, minus zero and a big integer as values',
    of(
      item(
        any(
          NONE,
          NULL,
          TRUE,
          bytes(125, 64),
          bytes(124, 0x7f, 0xc0, 0, 0),
          bytes(123, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0),
          bytes(122, 128, 0, 0, 0, 0, 0, 0, 0),
        ),
      ),
    ),
  ],
  [
    'a key with an undefined value, and no such key',
    of(item(any(bytes(118, 1, 1, 97, 127), bytes(118, 0)))),
  ],
  ['a key twice in one object', of(item(any(bytes(118, 2, 1, 97, 120, 1, 97, 121))))],
  [
    'keys that objects have anyway',
    of(
      item(any(bytes(118, 1, 8, ...Buffer.from('toString'), 120))),
      item(any(bytes(118, 1, 11, ...Buffer.from('constructor'), 126)), { origin: [1, 0] }),
    ),
  ],
  [
    '__proto__ as the key of a map, the name of a root and of a format',
    of(
      item(string('a'), { parent: '__proto__', key: '__proto__' }),
      item(format('__proto__', 'true'), { parent: '__proto__' }),
    ),
  ],
  ['undefined in JSON content', of(item(json('undefined', '"undefined"', 'null')))],
  ['values nested as deep as allowed', of(item(any(nested(MAX_VALUE_DEPTH))))],
  [
    'options of a subdocument that Yjs ignores',
    of(item(doc('sub', bytes(118, 1, 8, ...Buffer.from('encoding'), 122, 0, 0, 0, 0, 0, 0, 0, 0)))),
  ],
  ['garbage and gaps', update([{ client: 1, structs: [gc(2), skip(3), gc(1)] }])],
  ['an origin that does not exist yet', of(item(string('a'), { origin: [7, 4] }))],
  [
    'a parent that is a text, not a type',
    of(item(string('ab')), item(string('c'), { parent: [1, 0] })),
  ],
  [
    'a format in a list, text in a map, an embed under a key',
    of(
      item(format('bold', 'true')),
      item(string('word'), { key: 'k' }),
      item(embed('1'), { key: 'e' }),
    ),
  ],
  [
    'items that wait for each other',
    update([
      { client: 2, structs: [item(string('a'), { origin: [1, 0] })] },
      { client: 1, structs: [item(string('b'), { origin: [2, 0] })] },
    ]),
  ],
  [
    'deletes of ids that do not exist yet',
    update(
      [],
      [
        [
          1,
          [
            [0, 1],
            [5, 2 ** 40],
          ],
        ],
      ],
    ),
  ],
  [
    'numbers with leading zeros',
    of(
      [bytes(4, 1, 0x81, 0x00, 116), text('a')].reduce((one, two) => (encoder) => {
        one(encoder)
        two(encoder)
      }),
    ),
  ],
  [
    'types in each other as deep as allowed',
    of(
      item(type(1)),
      ...Array.from({ length: MAX_TYPE_DEPTH }, (_, i) =>
        item(type(1), { parent: [1, i], key: 'k' }),
      ),
    ),
  ],
  [
    'hundreds of types side by side',
    of(
      item(type(1)),
      ...Array.from({ length: 2_000 }, (_, i) => item(type(1), i === 0 ? {} : { origin: [1, i] })),
    ),
  ],
  ['500 items at one place', competing(500)],
]

describe('an update is accepted, and the document is the same in v1 and v2, if the update has', () => {
  test.each(HARMLESS)('%s', (_name, given) => {
    const examined = examineUpdate(given)
    expect(examined.update).toBe(given)
    expect(isEmptyUpdate(examined.decoded)).toBe(false)
    expect(examined.structs).toBeGreaterThan(0)
    const applied = new Y.Doc({ gc: false })
    Y.applyUpdate(applied, given)
    const throughV2 = new Y.Doc({ gc: false })
    Y.applyUpdateV2(throughV2, Y.encodeStateAsUpdateV2(applied))
    expect(Y.encodeStateAsUpdateV2(throughV2)).toEqual(Y.encodeStateAsUpdateV2(applied))
    expect(throughV2.toJSON()).toEqual(applied.toJSON())
    expect(() => decodeUpdate(Y.encodeStateAsUpdate(throughV2))).not.toThrow()
  })

  test('half of a surrogate pair in an embed, which is stored as U+FFFD, as in every text', () => {
    const { update: stored } = examineUpdate(
      of(item(embed('{"quote":"\\ud83d"}')), item(format('note', '["\\udc00"]'))),
    )
    const contents = decodeUpdate(stored).structs.map((struct) => (struct as Y.Item).content)
    expect(contents).toMatchObject([
      { embed: { quote: '\ufffd' } },
      { key: 'note', value: ['\ufffd'] },
    ])
  })
})
