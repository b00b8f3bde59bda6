import { RequestError } from '@y-electric/server'
import type { DecodedUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

/**
 * How deep content may be nested: shared types in shared types, and the lists and objects of a value in
 * each other. Formats are written by recursion, which overflows the stack at some thousands of levels.
 */
export const MAX_CONTENT_DEPTH = 200

const tooDeep = (): RequestError =>
  new RequestError(
    'invalid_content',
    `the content is nested more than ${MAX_CONTENT_DEPTH} levels deep`,
  )

/**
 * Refuses a document that could be imported but not be read or stored afterwards.
 * @throws {RequestError} `invalid_content`, saying why
 */
export function requireStorable(doc: Y.Doc): void {
  const depths = new Map<Y.AbstractType<unknown>, number>()
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue
      const { content } = struct
      if (content instanceof Y.ContentType) requireShallow(content.type, depths)
      else requireStorableValues(content)
    }
  }
}

/**
 * The same for an update (Yjs v2) that is not converted to Yjs v1 yet, because the conversion drops or
 * refuses some values without naming them. The nesting of its shared types is not checked.
 * @throws {RequestError} `invalid_content`, saying why
 */
export function requireStorableUpdate({ structs }: Pick<DecodedUpdate, 'structs'>): void {
  for (const struct of structs) {
    if (struct instanceof Y.Item) requireStorableValues(struct.content)
  }
}

function requireStorableValues(content: Y.Item['content']): void {
  if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) {
    for (const value of content.arr) partsOf(value)
  } else if (content instanceof Y.ContentEmbed) requireJson('an embed', content.embed)
  else if (content instanceof Y.ContentFormat) {
    requireJson(`the format ${JSON.stringify(content.key)}`, content.value)
  }
}

/** @param depths known depths of other types */
function requireShallow(
  type: Y.AbstractType<unknown>,
  depths: Map<Y.AbstractType<unknown>, number>,
): void {
  const unknown: Y.AbstractType<unknown>[] = []
  let known = 0
  for (let at: Y.AbstractType<unknown> | null = type; at !== null; at = parentOf(at)) {
    const depth = depths.get(at)
    known = depth ?? 0
    if (depth !== undefined) break
    unknown.push(at)
  }
  if (known + unknown.length > MAX_CONTENT_DEPTH) throw tooDeep()
  for (const [index, one] of unknown.entries()) depths.set(one, known + unknown.length - index)
}

const parentOf = (type: Y.AbstractType<unknown>): Y.AbstractType<unknown> | null => {
  const parent = type._item?.parent
  return parent instanceof Y.AbstractType ? parent : null
}

/**
 * Update rows are in Yjs v1, where embeds and formats are JSON text. Yjs v2 can hold other values in them,
 * and a document with such a value could never be written as a row.
 */
function requireJson(what: string, value: unknown): void {
  for (const part of partsOf(value)) {
    const problem = plainProblem(part)
    if (problem === null) continue
    throw new RequestError(
      'invalid_content',
      `${what} holds ${problem}, but only JSON can be stored there`,
    )
  }
}

/** A value and all parts of it. @throws {RequestError} `invalid_content`, when it is nested too deeply */
export function partsOf(value: unknown): unknown[] {
  const parts: unknown[] = []
  // A list instead of a recursion: values may be nested deeper than the stack.
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_CONTENT_DEPTH) throw tooDeep()
    const next: unknown[] = []
    for (const part of level) {
      parts.push(part)
      if (typeof part !== 'object' || part === null || isWhole(part)) continue
      for (const inner of Object.values(part)) next.push(inner)
    }
    level = next
  }
  return parts
}

const isWhole = (part: object): boolean => part instanceof Uint8Array || part instanceof Y.Doc

function plainProblem(value: unknown): string | null {
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return 'a big integer'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return 'bytes'
  return value instanceof Y.Doc ? 'a subdocument' : null
}
