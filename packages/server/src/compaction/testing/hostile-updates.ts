// Updates that no honest client writes: every id, place, kind and value is drawn at random.
import * as encoding from 'lib0/encoding'
import { guardMapEntries, noIds, pushRange, unionIds } from 'y-electric/protocol'
import * as Y from 'yjs'

type Random = (below: number) => number
type Content = Y.Item['content']

const pick = <T>(values: readonly T[], random: Random): T => values[random(values.length)] as T

const VALUES = [
  null,
  undefined,
  true,
  -0,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 60,
  -(2n ** 63n),
  '',
  'text',
  '\ud800',
  [],
  [[undefined]],
  { a: undefined },
  { constructor: 1, toString: 1, valueOf: 2, toJSON: 3, length: -1 },
  JSON.parse('{"__proto__":{"polluted":1}}'),
  new Uint8Array(3),
]

const CONTENTS: readonly ((random: Random) => Content)[] = [
  (random) => new Y.ContentString(pick(['x', 'word', '👩‍👩‍👧', '\u0000', '\ufeff'], random)),
  (random) => new Y.ContentString(pick(['x', 'two'], random)),
  (random) => new Y.ContentAny([pick(VALUES, random), pick(VALUES, random)]),
  (random) => new Y.ContentAny([pick(VALUES, random)]),
  (random) => new Y.ContentJSON([pick(['s', 1, null, undefined, { a: [] }], random)]),
  () => new Y.ContentBinary(new Uint8Array([1, 2])),
  (random) =>
    new Y.ContentEmbed(pick([1, null, 'x', { image: 'a' }, { t: '\udc00' }], random) as object),
  (random) =>
    new Y.ContentFormat(
      pick(['bold', 'link', '__proto__', ''], random),
      pick([true, null, 'x', { href: 1 }], random) as object,
    ),
  (random) => new Y.ContentType(pick(TYPES, random)()),
  (random) => new Y.ContentType(pick(TYPES, random)()),
  (random) => new Y.ContentDeleted(1 + random(3)),
  (random) =>
    new Y.ContentDoc(
      new Y.Doc({
        guid: pick(['', 'sub', 'sub2'], random),
        autoLoad: random(2) === 0,
        meta: pick([null, 1, {}], random),
      }),
    ),
]

const TYPES = [
  () => new Y.Array<unknown>(),
  () => new Y.Map<unknown>(),
  () => new Y.Text(),
  () => new Y.XmlElement('script'),
  () => new Y.XmlFragment(),
  () => new Y.XmlText(),
  () => new Y.XmlHook('hook'),
]

export const CLIENTS = [1, 2, 3] as const

/** Rows whose ids are all different, as those of honest clients are; everything else is random. */
export function hostileRows(random: Random, count: number): Uint8Array[] {
  const ends = new Map<number, number>()
  const anyId = () => Y.createID(pick(CLIENTS, random), random(12))
  return Array.from({ length: count }, () => {
    const client = pick(CLIENTS, random)
    const structs: (Y.Item | Y.GC)[] = []
    for (let i = 1 + random(3); i > 0; i--) {
      const clock = ends.get(client) ?? 0
      const struct = structAt(Y.createID(client, clock), anyId, random)
      structs.push(struct)
      ends.set(client, clock + struct.length)
    }
    return write(structs, [anyId(), anyId()].slice(random(3)))
  })
}

function structAt(id: Y.ID, anyId: () => Y.ID, random: Random): Y.Item | Y.GC {
  if (random(12) === 0) return new Y.GC(id, 1 + random(3))
  const origin = random(2) === 0 ? anyId() : null
  const rightOrigin = random(3) === 0 ? anyId() : null
  const isPlaced = origin === null && rightOrigin === null
  const root = pick(['a', 'b', ''], random)
  const parent = isPlaced ? (random(2) === 0 ? anyId() : root) : null
  const parentSub = isPlaced && random(3) === 0 ? pick(['k', '__proto__', ''], random) : null
  const content = pick(CONTENTS, random)(random)
  return new Y.Item(id, null, origin, null, rightOrigin, parent as Y.ID, parentSub, content)
}

/**
 * Rows in positions where an honest client could put them, with arbitrary content: any content anywhere,
 * several ids in one entry of a map, formats in lists.
 */
export function misplacedRows(
  random: Random,
  count: number,
  accept: (row: Uint8Array) => Uint8Array | null,
): Uint8Array[] {
  const replicas = CLIENTS.map((client) => {
    const doc = new Y.Doc({ guid: 'hostile', gc: random(2) === 0 })
    guardMapEntries(doc)
    return { client, doc }
  })
  const rows: Uint8Array[] = []
  while (rows.length < count) {
    const { client, doc } = pick(replicas, random)
    const id = Y.createID(client, Y.getState(doc.store, client))
    const item = placedItem(id, doc, random)
    const deleted = random(3) === 0 ? anyIdOf(doc, random) : null
    const row = accept(write([item], deleted === null ? [] : [deleted]))
    if (row === null) continue
    rows.push(row)
    Y.applyUpdate(doc, row)
    const other = pick(replicas, random).doc
    if (random(2) === 0) for (const each of rows) Y.applyUpdate(other, each)
  }
  return rows
}

type AnyType = Y.AbstractType<Y.YEvent<Y.Array<unknown>>>

function placedItem(id: Y.ID, doc: Y.Doc, random: Random): Y.Item {
  const type = anyTypeOf(doc, random)
  const key = random(3) === 0 ? pick(['k', '__proto__'], random) : null
  const steps = random(6)
  let left: Y.Item | null = null
  let right: Y.Item | null = key === null ? type._start : null
  if (key !== null) left = type._map.get(key) ?? null
  for (let i = 0; i < steps && right !== null; i++) [left, right] = [right, right.right]
  const isPlaced = left === null && right === null
  const parent = isPlaced ? (type._item?.id ?? Y.findRootTypeKey(type)) : null
  const content = pick(CONTENTS, random)(random)
  const sub = isPlaced ? key : null
  return new Y.Item(
    id,
    null,
    left?.lastId ?? null,
    null,
    right?.id ?? null,
    parent as Y.ID,
    sub,
    content,
  )
}

function anyTypeOf(doc: Y.Doc, random: Random): AnyType {
  const types: AnyType[] = ['a', 'b'].map((name) => doc.get(name) as unknown as AnyType)
  for (const struct of [...doc.store.clients.values()].flat()) {
    if (struct instanceof Y.Item && struct.content instanceof Y.ContentType) {
      types.push(struct.content.type as unknown as AnyType)
    }
  }
  return pick(types, random)
}

function anyIdOf(doc: Y.Doc, random: Random): Y.ID | null {
  const client = pick(CLIENTS, random)
  const end = Y.getState(doc.store, client)
  return end === 0 ? null : Y.createID(client, random(end))
}

function write(structs: readonly (Y.Item | Y.GC)[], deleted: readonly Y.ID[]): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  const rest = encoder.restEncoder as encoding.Encoder
  encoding.writeVarUint(rest, 1)
  encoding.writeVarUint(rest, structs.length)
  encoder.writeClient(structs[0]?.id.client ?? 0)
  encoding.writeVarUint(rest, structs[0]?.id.clock ?? 0)
  for (const struct of structs) struct.write(encoder, 0)
  const deletes = unionIds(
    deleted.map(({ client, clock }) => {
      const ids = noIds()
      pushRange(ids, client, clock, 1)
      return ids
    }),
  )
  encoding.writeVarUint(rest, deletes.clients.size)
  for (const [client, ranges] of deletes.clients) {
    encoding.writeVarUint(rest, client)
    encoding.writeVarUint(rest, ranges.length)
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(rest, clock)
      encoding.writeVarUint(rest, len)
    }
  }
  return encoder.toUint8Array()
}
