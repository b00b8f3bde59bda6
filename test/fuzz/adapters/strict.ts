// What `examineUpdate` is going to refuse, until it is here: without it, its faults would hide all others.
import type { DecodedUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'
import { findOrderDifference, findStructDifference } from '../../harness/structs.ts'

const MAX_CLOCK = 2 ** 53 - 1
const MAX_DEPTH = 64
const LONE_SURROGATE = /\p{Surrogate}/u

/** Why an update that decodes is no edit that Yjs makes; null when it is one. */
export function strictProblem({ structs, deletes }: DecodedUpdate): string | null {
  return (
    orderProblem(structs) ??
    (structs.some(({ id, length }) => id.clock + length > MAX_CLOCK) ? 'clock' : null) ??
    ([...deletes.clients.values()].flat().some(({ clock, len }) => clock + len > MAX_CLOCK)
      ? 'delete'
      : null) ??
    (structs.some(
      (struct) => struct instanceof Y.Item && struct.parentSub !== null && struct.length > 1,
    )
      ? 'many under one key'
      : null) ??
    (structs.some(
      (struct) =>
        struct instanceof Y.Item &&
        struct.origin !== null &&
        Y.compareIDs(struct.origin, struct.rightOrigin),
    )
      ? 'between an id and itself'
      : null) ??
    (structs.some((struct) => struct instanceof Y.Item && !isPlainContent(struct.content))
      ? 'value'
      : null)
  )
}

type Structs = DecodedUpdate['structs']

function orderProblem(structs: Structs): string | null {
  for (const [index, { id }] of structs.entries()) {
    const before = structs[index - 1]
    if (before === undefined || before.id.client > id.client) continue
    if (before.id.client !== id.client) return 'sections are not sorted'
    if (before.id.clock + before.length !== id.clock) return 'two sections of one client'
  }
  return null
}

function isPlainContent(content: Y.Item['content']): boolean {
  if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) {
    return content.arr.every((value: unknown) => isPlain(value, 0))
  }
  if (content instanceof Y.ContentEmbed) return isPlain(content.embed, 0)
  if (content instanceof Y.ContentFormat) {
    return content.key !== '__proto__' && isPlain(content.value, 0)
  }
  if (content instanceof Y.ContentDoc) return isPlain(content.opts, 0)
  return true
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !LONE_SURROGATE.test(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.every((part) => isPlain(part, depth + 1))
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).every((key) => key !== '__proto__' && !LONE_SURROGATE.test(key)) &&
    Object.values(value).every((part) => isPlain(part, depth + 1))
  )
}

/** Deletes must be in order, or Yjs garbles those that have to wait. */
export function deletesProblem(update: Uint8Array): string | null {
  for (const ranges of Y.decodeUpdate(update).ds.clients.values()) {
    let end = -1
    for (const { clock, len } of ranges) {
      if (clock <= end) return 'deletes are not in order'
      end = clock + len - 1
    }
  }
  return null
}

/** An update that stands on its own must be the same after it was written in Yjs' second format. */
export function roundTripProblem(update: Uint8Array): string | null {
  const [doc, copy] = [new Y.Doc(), new Y.Doc()]
  try {
    Y.applyUpdate(doc, update)
    Y.applyUpdateV2(copy, Y.encodeStateAsUpdateV2(doc))
    return findStructDifference(doc, copy) ?? findOrderDifference(doc, copy) ?? null
  } catch (error) {
    return String(error)
  } finally {
    doc.destroy()
    copy.destroy()
  }
}
