import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ExamineCode, ExamineError, examineUpdate } from './examine-update.ts'
import { MAX_CLOCK } from './soundness.ts'
import {
  byteArrays,
  bytes,
  CONTENT,
  competing,
  gc,
  item,
  manyInV2,
  nested,
  of,
  update,
} from './testing/raw-updates.ts'
import { MAX_VALUE_DEPTH } from './values.ts'

const { any, deleted, doc, embed, format, json, string, type, unknown } = CONTENT
const NULL = bytes(126)

function refusalOf(examine: () => unknown): ExamineCode {
  try {
    examine()
  } catch (error) {
    if (error instanceof ExamineError) return error.code
    throw error
  }
  throw new Error('the update was accepted')
}

/** JSON of lists within lists. */
const nestedJson = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const hex = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'))

const REFUSED: readonly (
  | readonly [name: string, bytes: Uint8Array]
  | readonly [name: string, bytes: Uint8Array, code: ExamineCode]
)[] = [
  ['the key __proto__ in a value', hex('010105002801016d016b017601095f5f70726f746f5f5f7402010200')],
  [
    'the key __proto__ deep in a value',
    of(item(any(bytes(117, 1, 118, 1, 9, ...Buffer.from('__proto__'), 126)))),
  ],
  ['the key __proto__ in an embed', of(item(embed('{"a":[{"__proto__":1}]}')))],
  ['the key __proto__ in a format', of(item(format('bold', '{"__proto__":{}}')))],
  ['the key __proto__ in JSON content', of(item(json('{"__proto__":1}')))],
  [
    'the key __proto__ in the options of a subdocument',
    of(item(doc('sub', bytes(118, 1, 9, ...Buffer.from('__proto__'), 118, 0)))),
  ],
  [
    'a subdocument that sets its guid',
    of(item(doc('sub', bytes(118, 1, 4, ...Buffer.from('guid'), 125, 1)))),
  ],
  [
    'a subdocument that sets the filter of its garbage collection',
    of(item(doc('sub', bytes(118, 1, 8, ...Buffer.from('gcFilter'), 120)))),
  ],
  ['a subdocument without options', of(item(doc('sub', NULL)))],
  ['a value with too many levels', of(item(any(nested(MAX_VALUE_DEPTH + 1))))],
  ['a value with levels that overflow the stack', of(item(any(nested(100_000))))],
  ['an embed with too many levels', of(item(embed(nestedJson(MAX_VALUE_DEPTH + 1))))],
  ['JSON content with too many levels', of(item(json(nestedJson(200_000))))],
  ['a JSON number that is infinite once it is read', of(item(embed('[1e999]')))],
  ['an embed that is not JSON', of(item(embed('{')))],
  ['a format that is not JSON', of(item(format('bold', 'undefined')))],
  ['JSON content that is not JSON', of(item(json('nothing')))],
  ['text that is not UTF-8', of(item([4, bytes(2, 0xc3, 0x28)]))],
  ['a text that is longer than the update', of(item([4, bytes(0xff, 0xff, 0xff, 0xff, 0x0f)]))],
  ['more values than the update holds', of(item([8, bytes(0xff, 0xff, 0xff, 0xff, 0x0f, 126)]))],
  ['a value of an unknown type', of(item(any(bytes(99))))],
  ['a shared type of an unknown kind', of(item(type(7)))],
  ['content of an unknown kind', of(item(unknown(11)))],
  ['a struct of no length', of(gc(0))],
  ['a text of no length', of(item(string('')))],
  ['a list of no values', of(item(any()))],
  ['structs that end beyond any clock', of(gc(Number.MAX_SAFE_INTEGER), gc(1))],
  [
    'a struct that ends beyond any clock',
    update([{ client: 1, clock: MAX_CLOCK, structs: [gc(1)] }]),
  ],
  ['a length that is not an exact number', of(item(deleted(2 ** 53)))],
  [
    'a text between an id and itself',
    of(item(string('a'), { origin: [2, 3], rightOrigin: [2, 3] })),
  ],
  ['an origin beyond any clock', of(item(string('a'), { origin: [2, 2 ** 53 - 2] }))],
  ['a right origin beyond any clock', of(item(string('a'), { rightOrigin: [2, MAX_CLOCK + 1] }))],
  ['a parent beyond any clock', of(item(string('a'), { parent: [2, 2 ** 52] }))],
  ['a delete that ends beyond any clock', update([], [[1, [[2 ** 53 - 2, 1]]]])],
  ['a delete whose length is beyond any clock', update([], [[1, [[0, 2 ** 53 - 1]]]])],
  ['a delete of no length', update([], [[1, [[0, 0]]]])],
  [
    'deletes out of order',
    update(
      [],
      [
        [
          1,
          [
            [5, 1],
            [2, 1],
          ],
        ],
      ],
    ),
  ],
  [
    'deletes that overlap',
    update(
      [],
      [
        [
          1,
          [
            [2, 4],
            [3, 1],
          ],
        ],
      ],
    ),
  ],
  [
    'deletes of one client in two parts, out of order',
    update(
      [],
      [
        [1, [[5, 1]]],
        [1, [[2, 1]]],
      ],
    ),
  ],
  [
    'a client twice',
    update([
      { client: 1, structs: [gc(1)] },
      { client: 1, structs: [gc(2)] },
    ]),
  ],
  [
    'a client twice, the second time without structs',
    update([
      { client: 1, structs: [gc(1)] },
      { client: 1, structs: [] },
    ]),
  ],
  ['an item after itself', of(item(string('a'), { origin: [1, 0] }))],
  ['an item before what comes later', of(item(string('ab'), { rightOrigin: [1, 1] }))],
  ['an item in itself', of(item(type(1), { parent: [1, 0] }))],
  [
    'types in each other until the stack overflows',
    of(
      item(type(1)),
      ...Array.from({ length: 5_000 }, (_, i) => item(type(1), { parent: [1, i], key: 'k' })),
    ),
  ],
  ['a client id of 53 bits', update([{ client: 2 ** 32, structs: [gc(1)] }]), 'unsupported_yjs'],
  [
    'an origin of a client id of 53 bits',
    of(item(string('a'), { origin: [2 ** 40, 0] })),
    'unsupported_yjs',
  ],
  [
    'a right origin of a client id of 53 bits',
    of(item(string('a'), { rightOrigin: [2 ** 40, 0] })),
    'unsupported_yjs',
  ],
  [
    'a parent of a client id of 53 bits',
    of(item(string('a'), { parent: [2 ** 40, 0] })),
    'unsupported_yjs',
  ],
  ['a delete of a client id of 53 bits', update([], [[2 ** 40, [[0, 1]]]]), 'unsupported_yjs'],
  [
    'more structs than a row may hold',
    of(...Array.from({ length: 100_001 }, () => gc(1))),
    'update_too_complex',
  ],
  [
    'more deletes than a row may hold',
    update([], [[1, Array.from({ length: 100_001 }, (_, i) => [2 * i, 1])]]),
    'update_too_complex',
  ],
  [
    'more subdocuments than a row may hold',
    of(...Array.from({ length: 5_001 }, () => item(doc('', bytes(118, 0))))),
    'update_too_complex',
  ],
  ['more byte arrays than a row may hold', of(item(byteArrays(100_001))), 'update_too_complex'],
  [
    'items at one place until putting them in order takes seconds',
    competing(5_000),
    'update_too_complex',
  ],
]

describe('an update is refused that', () => {
  test.each(REFUSED.map(([name, bytes, code = 'invalid_update']) => [name, bytes, code] as const))(
    'has %s',
    (_name, given, code) => {
      expect(refusalOf(() => examineUpdate(given))).toBe(code)
    },
  )

  test('claims many structs in few bytes, before it takes memory for them', () => {
    const given = manyInV2(2 ** 40)
    expect(given.byteLength).toBeLessThan(60)
    expect(refusalOf(() => examineUpdate(given, { format: 'v2' }))).toBe('update_too_complex')
  })

  test('has a missing name in v2, or a value in v2 that JSON cannot hold', () => {
    const written = (content: Y.Item['content']) => {
      const encoder = new Y.UpdateEncoderV2()
      encoder.resetDsCurVal()
      const number = (value: number) => {
        encoder.resetDsCurVal()
        encoder.writeDsClock(value)
      }
      number(1)
      number(1)
      encoder.writeClient(1)
      number(0)
      const parent = 't' as unknown as Y.AbstractType<unknown>
      new Y.Item(Y.createID(1, 0), null, null, null, null, parent, null, content).write(encoder, 0)
      number(0)
      return encoder.toUint8Array()
    }
    const examine = (content: Y.Item['content']) => () =>
      examineUpdate(written(content), { format: 'v2' })
    expect(refusalOf(examine(new Y.ContentEmbed({ big: 1n } as object)))).toBe('invalid_update')
    expect(refusalOf(examine(new Y.ContentEmbed(undefined as unknown as object)))).toBe(
      'invalid_update',
    )
    expect(
      examine(new Y.ContentEmbed({ left: undefined, a: 1 } as object))().decoded.structs,
    ).toMatchObject([{ content: { embed: { a: 1 } } }])
  })
})
