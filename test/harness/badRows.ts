// Bad update rows that an attacker or a broken client may write. No client applies them.
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

type Write = (encoder: encoding.Encoder) => void

/** Encodes sections of structs, then deletes, in the format of Yjs v1. */
function update(sections: readonly Write[], deletes: readonly Write[] = []): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sections.length)
  for (const write of sections) write(encoder)
  encoding.writeVarUint(encoder, deletes.length)
  for (const write of deletes) write(encoder)
  return encoding.toUint8Array(encoder)
}

/** Writes the structs of one client, starting at a clock. */
const section =
  (client: number, clock: number, ...structs: readonly Write[]): Write =>
  (encoder) => {
    encoding.writeVarUint(encoder, structs.length)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    for (const write of structs) write(encoder)
  }

const GC = 0
const DELETED = 1
const EMBED = 5
const FORMAT = 6
const ANY = 8
const DOC = 9

/** Writes a GC struct of this many ids. */
const garbage =
  (length: number): Write =>
  (encoder) => {
    encoding.writeUint8(encoder, GC)
    encoding.writeVarUint(encoder, length)
  }

/** Writes an item under a key of the root map "m", or in the root list "m" without a key. */
const item =
  (kind: number, key: string | null, write: Write): Write =>
  (encoder) => {
    encoding.writeUint8(encoder, key === null ? kind : kind | 0x20)
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarString(encoder, 'm')
    if (key !== null) encoding.writeVarString(encoder, key)
    write(encoder)
  }

/** Writes an item that follows the item with this id. */
const after =
  (client: number, clock: number, text: string): Write =>
  (encoder) => {
    encoding.writeUint8(encoder, 0x80 | 4)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, text)
  }

const typed = (text: string): Write => item(4, null, (e) => encoding.writeVarString(e, text))

/** Writes the deletes of one client. */
const deletes =
  (client: number, ...ranges: readonly (readonly [clock: number, length: number])[]): Write =>
  (encoder) => {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const [clock, length] of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, length)
    }
  }

const values =
  (...bytes: readonly number[]): Write =>
  (encoder) => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeUint8Array(encoder, new Uint8Array(bytes))
  }

const ascii = (text: string): number[] => [...Buffer.from(text)]
const PROTO = [118, 1, 9, ...ascii('__proto__')]
const deep = (levels: number): number[] => [
  ...Array.from({ length: levels }, () => [117, 1]).flat(),
  126,
]

const MAX = Number.MAX_SAFE_INTEGER
const json =
  (text: string): Write =>
  (encoder) =>
    encoding.writeVarString(encoder, text)

/** Each kind of bad row, as a function of the client id that wrote it. */
export const BAD_ROWS: readonly (readonly [name: string, make: (client: number) => Uint8Array])[] =
  [
    [
      'a value whose key __proto__ holds bytes',
      (c) => update([section(c, 0, item(ANY, 'k', values(...PROTO, 116, 2, 1, 2)))]),
    ],
    [
      'a value whose key __proto__ holds a list',
      (c) => update([section(c, 0, item(ANY, null, values(...PROTO, 117, 0)))]),
    ],
    [
      'a value with the key __proto__ deep inside',
      (c) =>
        update([section(c, 0, item(ANY, 'k', values(117, 1, 118, 1, 1, 97, ...PROTO, 118, 0)))]),
    ],
    [
      'an embed with the key __proto__',
      (c) => update([section(c, 0, item(EMBED, null, json('{"__proto__":{"a":1}}')))]),
    ],
    [
      'a format whose value has the key __proto__',
      (c) =>
        update([
          section(
            c,
            0,
            item(FORMAT, null, (e) => {
              encoding.writeVarString(e, 'link')
              encoding.writeVarString(e, '{"__proto__":[]}')
            }),
          ),
        ]),
    ],
    [
      'an embed that is not JSON but a NUL character',
      (c) => update([section(c, 0, item(EMBED, null, json('\u0000')))]),
    ],
    [
      'a value that is nested very deeply',
      (c) => update([section(c, 0, item(ANY, 'k', values(...deep(3_000))))]),
    ],
    [
      'a subdocument whose guid is not a string',
      (c) =>
        update([
          section(
            c,
            0,
            item(DOC, 'k', (e) => {
              encoding.writeVarString(e, 'g')
              encoding.writeUint8Array(e, new Uint8Array([118, 1, 4, ...ascii('guid'), 118, 0]))
            }),
          ),
        ]),
    ],
    ['ids up to 2^53 - 1', (c) => update([section(c, 0, garbage(MAX))])],
    ['ids that end beyond 2^53', (c) => update([section(c, MAX - 2, garbage(100))])],
    [
      'deleted content of 2^53 - 1 ids',
      (c) =>
        update([
          section(
            c,
            0,
            item(DELETED, null, (e) => encoding.writeVarUint(e, MAX)),
          ),
        ]),
    ],
    ['text at a clock near 2^53', (c) => update([section(c, MAX - 8, typed('late'))])],
    ['text after a clock near 2^53', (c) => update([section(c, 0, after(c + 1, MAX - 5, 'x'))])],
    ['deletes near 2^53', (c) => update([], [deletes(c, [MAX - 10, 5])])],
    ['deletes that end beyond 2^53', (c) => update([], [deletes(c, [MAX - 1, 100], [MAX, 100])])],
    ['a delete of 2^53 - 1 ids', (c) => update([], [deletes(c, [0, MAX])])],
    ['deletes out of order', (c) => update([], [deletes(c, [90, 5], [10, 5])])],
    ['deletes that overlap', (c) => update([], [deletes(c, [10, 5], [12, 5])])],
    ['a client id of 33 bits', (c) => update([section(2 ** 32 + c, 0, typed('long'))])],
    ['a delete of a client id of 53 bits', (c) => update([], [deletes(MAX - c, [0, 1])])],
    [
      'text after an id of a client id of 33 bits',
      (c) => update([section(c, 0, after(2 ** 32 + 7, 0, 'x'))]),
    ],
    [
      'two sections of one client',
      (c) => update([section(c, 0, typed('one')), section(c, 3, after(c, 2, 'two'))]),
    ],
    ['a section without structs', (c) => update([section(c, 0)], [deletes(c, [0, 1])])],
    ['a struct of length zero', (c) => update([section(c, 0, garbage(0))])],
    ['an item that builds on itself', (c) => update([section(c, 0, after(c, 0, 'x'))])],
    [
      'additional bytes at the end',
      (c) => Uint8Array.from([...update([section(c, 0, typed('x'))]), 7]),
    ],
    ['truncated bytes', (c) => update([section(c, 0, typed('cut off'))]).subarray(0, -3)],
    ['garbage', (c) => Uint8Array.from([0xde, 0xad, 0xbe, 0xef, 0xff, 0xff, c & 255])],
    ['a snapshot row (Yjs v2)', (c) => inV2(c)],
  ]

function inV2(client: number): Uint8Array {
  const doc = new Y.Doc({ guid: 'bad' })
  doc.clientID = client
  doc.getText('t').insert(0, 'in the other format')
  return Y.encodeStateAsUpdateV2(doc)
}

/** The bad row of a real report: a value with the key `__proto__`. */
export const PROTO_ROW = Uint8Array.from(
  Buffer.from('010105002801016d016b017601095f5f70726f746f5f5f7402010200', 'hex'),
)
