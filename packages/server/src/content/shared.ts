import * as Y from 'yjs'
import { RequestError } from '../errors.ts'
import type { RootChoice, RootType } from './formats.ts'
import { fromJson, guarded, isObject, type Json, mapValues, toJson } from './json.ts'
import { Losses } from './losses.ts'
import {
  type DeltaOp,
  deltaOf,
  embedToJson,
  fragmentToProsemirror,
  nodesOf,
} from './prosemirror/from-yjs.ts'
import { requireNode } from './prosemirror/nodes.ts'
import { prosemirrorToFragment } from './prosemirror/to-yjs.ts'
import { chooseRoot, listRoots, openRoot } from './roots.ts'

/** All roots of a document by name, or the one that is named alone. */
export function documentToJson(doc: Y.Doc, choice: RootChoice): Json {
  if (choice.root !== undefined) {
    const root = chooseRoot(doc, choice)
    return root === null ? null : rootToJson(doc, root.name, root.type)
  }
  const roots = listRoots(doc).filter(({ type }) => type === choice.type || !choice.type)
  return Object.fromEntries(
    roots.map(({ name, type }) => [name, type === null ? null : rootToJson(doc, name, type)]),
  )
}

/** One root: a text is a string (with formats or embeds, its delta), xml is ProseMirror JSON. */
export const rootToJson = (doc: Y.Doc, name: string, type: RootType): Json =>
  sharedToJson(openRoot(doc, name, type))

function sharedToJson(value: unknown): Json {
  if (value instanceof Y.Text) return textToJson(value)
  if (value instanceof Y.XmlElement || value instanceof Y.XmlHook) {
    return (nodesOf(value)[0] ?? null) as unknown as Json
  }
  if (value instanceof Y.XmlFragment) return fragmentToProsemirror(value) as unknown as Json
  if (value instanceof Y.Array) return value.toArray().map(sharedToJson)
  if (value instanceof Y.Map) {
    const parts = [...value.entries()].map(([key, part]) => [key, sharedToJson(part)] as const)
    return guarded(Object.fromEntries(parts))
  }
  return toJson(value)
}

function textToJson(text: Y.Text): Json {
  const delta = deltaOf(text)
  const isPlain = delta.every(
    ({ insert, attributes }) => typeof insert === 'string' && attributes === undefined,
  )
  if (isPlain) return delta.map(({ insert }) => insert).join('')
  return {
    $delta: delta.map(({ insert, attributes }) => ({
      insert: typeof insert === 'string' ? insert : embedToJson(insert),
      ...(attributes === undefined ? {} : { attributes: mapValues(attributes, toJson) }),
    })),
  }
}

/**
 * Writes JSON into an empty document: an object of roots, or the value of the one that is named.
 * Objects and arrays inside become shared types, so that two people can edit them at once.
 */
export function jsonToDocument(
  doc: Y.Doc,
  json: unknown,
  { root, type }: RootChoice,
  losses: Losses = new Losses(),
): void {
  if (root !== undefined) {
    writeRoot(doc, root, json, type, losses)
    return
  }
  if (!isObject(json)) {
    throw new RequestError('invalid_content', 'an object of roots by name, or say which root it is')
  }
  for (const [name, value] of Object.entries(json)) {
    if (value !== null) writeRoot(doc, name, value, type, losses)
  }
}

function writeRoot(
  doc: Y.Doc,
  name: string,
  json: unknown,
  wanted: RootType | undefined,
  losses: Losses,
): void {
  const type = wanted ?? typeOfJson(json)
  if (type === 'text' && typeof json === 'string') openRoot(doc, name, type).insert(0, json)
  else if (type === 'text' && isDelta(json)) writeDelta(openRoot(doc, name, type), json.$delta)
  else if (type === 'array' && Array.isArray(json)) {
    openRoot(doc, name, type).insert(0, listOf(json))
  } else if (type === 'xml' && isObject(json)) {
    prosemirrorToFragment(requireNode(json, name), openRoot(doc, name, type), losses)
  } else if (type === 'map' && isObject(json)) {
    const map = openRoot(doc, name, type)
    for (const [key, value] of Object.entries(json)) map.set(key, jsonToShared(value))
  } else {
    throw new RequestError('invalid_content', `${JSON.stringify(name)} does not hold a ${type}`)
  }
}

function typeOfJson(json: unknown): RootType {
  if (typeof json === 'string' || isDelta(json)) return 'text'
  if (Array.isArray(json)) return 'array'
  if (!isObject(json))
    throw new RequestError('invalid_content', 'a root is no number and no boolean')
  return json.type === 'doc' && Array.isArray(json.content) ? 'xml' : 'map'
}

interface DeltaJson {
  readonly $delta: readonly unknown[]
}

const isDelta = (json: unknown): json is DeltaJson =>
  isObject(json) && Object.keys(json).length === 1 && Array.isArray(json.$delta)

function writeDelta(text: Y.Text, ops: readonly unknown[]): void {
  const delta = ops.map((op): DeltaOp => {
    if (!isObject(op) || op.insert === undefined || op.insert === '') {
      throw new RequestError('invalid_content', 'each part of a delta inserts something')
    }
    const attributes = isObject(op.attributes) ? { ...mapValues(op.attributes, fromJson) } : {}
    return { insert: fromJson(op.insert), attributes }
  })
  text.applyDelta(delta)
}

/** Yjs takes no undefined in an array. */
const listOf = (json: readonly unknown[]): unknown[] =>
  json.map((value) => jsonToShared(value) ?? null)

function jsonToShared(json: unknown): unknown {
  if (isDelta(json)) {
    const text = new Y.Text()
    writeDelta(text, json.$delta)
    return text
  }
  if (Array.isArray(json)) return Y.Array.from(listOf(json) as string[])
  const value = fromJson(json)
  // What came out as it went in is a plain object; a marker makes bytes, a subdocument and such.
  if (
    !isObject(json) ||
    !isObject(value) ||
    value instanceof Uint8Array ||
    value instanceof Y.Doc
  ) {
    return value
  }
  const parts = Object.keys(json).length === 1 && isObject(json.$object) ? json.$object : json
  return new Y.Map(Object.entries(parts).map(([key, part]) => [key, jsonToShared(part)]))
}
