/** Finds structs that Yjs decodes but cannot integrate, merge or encode again without an error. */
import * as Y from 'yjs'
import { type IdRanges, noIds } from './id-ranges.ts'
import { MAX_CLOCK } from './soundness.ts'
import { CLIENT_IDS, type Struct } from './update-decoding.ts'
import { MAX_VALUE_DEPTH } from './values.ts'

/** The reason why a struct cannot be used; null if it can. */
export function structProblem(struct: Struct): string | null {
  const { id, length } = struct
  if (!isId(id) || id.clock + length > MAX_CLOCK) {
    return `${id.client}:${id.clock} and the ${length} ids from there on are not all ids of Yjs 13`
  }
  if (!(struct instanceof Y.Item)) return null
  const { origin, rightOrigin, parent, content } = struct
  for (const reference of [origin, rightOrigin, parent instanceof Y.ID ? parent : null]) {
    if (reference !== null && !isId(reference)) {
      return `${id.client}:${id.clock} names ${reference.client}:${reference.clock}, which is not an id of Yjs 13`
    }
  }
  const problem = contentProblem(content)
  return problem === null ? null : `${id.client}:${id.clock} holds ${problem}`
}

const isId = ({ client, clock }: Y.ID): boolean =>
  client >= 0 && client < CLIENT_IDS && clock >= 0 && clock <= MAX_CLOCK

/** The deletes that can be used; the same object if all can be. */
export function soundDeletes(deletes: IdRanges): IdRanges {
  const isSound = (client: number, { clock, len }: { clock: number; len: number }) =>
    isId(Y.createID(client, clock)) && clock + len <= MAX_CLOCK
  const all = [...deletes.clients]
  if (all.every(([client, ranges]) => ranges.every((range) => isSound(client, range)))) {
    return deletes
  }
  const sound = noIds()
  for (const [client, ranges] of all) {
    const left = ranges.filter((range) => isSound(client, range))
    if (left.length > 0) sound.clients.set(client, left)
  }
  return sound
}

function contentProblem(content: Y.Item['content']): string | null {
  if (content instanceof Y.ContentString || content instanceof Y.ContentType) return null
  if (content instanceof Y.ContentAny) return valuesProblem(content.arr)
  if (content instanceof Y.ContentJSON) return valuesProblem(content.arr)
  if (content instanceof Y.ContentEmbed) return jsonProblem(content.embed)
  if (content instanceof Y.ContentFormat) return jsonProblem(content.value)
  if (content instanceof Y.ContentDoc) {
    if (typeof content.doc.guid !== 'string') return 'a subdocument whose guid is not a text'
    return valuesProblem([content.opts])
  }
  return null
}

/** Yjs v2 writes any value of an embed or a format. Yjs v1 writes JSON, and throws for a value that JSON cannot express. */
const jsonProblem = (value: unknown): string | null =>
  valuesProblem([value]) ?? (isJson(value) ? null : 'a value that JSON cannot express')

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

function valuesProblem(values: readonly unknown[]): string | null {
  let level: unknown[] = values.filter(isNested)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= MAX_VALUE_DEPTH) return `a value that is nested more than ${MAX_VALUE_DEPTH} deep`
    const next: unknown[] = []
    for (const value of level) {
      if (!Array.isArray(value) && !isPlain(value as object)) {
        return 'an object with the key __proto__'
      }
      const inside = Array.isArray(value) ? value : Object.values(value as object)
      for (const part of inside) if (isNested(part)) next.push(part)
    }
    level = next
  }
  return null
}

const isNested = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)

/**
 * False for an object that was decoded with the key `__proto__`: as an assignment, which replaces the
 * prototype, or as JSON, from which Yjs v2 makes such an assignment.
 */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  const isOfObject = prototype !== null && Object.getPrototypeOf(prototype) === null
  return isOfObject && !Object.hasOwn(value, '__proto__')
}
