import { RequestError } from '@y-electric/server'
// Converts shared types to JSON from which each can be restored as its original type.
import * as Y from 'yjs'
import {
  fromJson,
  guarded,
  isObject,
  type Json,
  type JsonObject,
  mapValues,
  toJson,
} from './json.ts'

/** One run of a text, as Yjs and Quill write it. */
export interface DeltaOp {
  readonly insert: unknown
  readonly attributes?: Record<string, unknown>
}

export const deltaOf = (text: Y.Text): DeltaOp[] => text.toDelta() as DeltaOp[]

/** A shared type or a plain value as JSON. Maps become objects, arrays stay arrays, a text becomes a string. */
export function sharedToJson(value: unknown): Json {
  if (value instanceof Y.XmlText) return { $xmlText: textParts(value) }
  if (value instanceof Y.Text) return textToJson(value)
  if (value instanceof Y.XmlElement) {
    const children = value.toArray().map(sharedToJson)
    return { $xmlElement: { name: value.nodeName, ...attributesOf(value), children } }
  }
  if (value instanceof Y.XmlHook) {
    return { $xmlHook: { name: value.hookName, values: entriesToJson(value) } }
  }
  if (value instanceof Y.XmlFragment) {
    return { $xmlFragment: { ...attributesOf(value), children: value.toArray().map(sharedToJson) } }
  }
  if (value instanceof Y.Array) return value.toArray().map(sharedToJson)
  if (value instanceof Y.Map) return guarded(entriesToJson(value))
  return toJson(value)
}

/**
 * The value of an attribute, an embed or a format as JSON. These values are usually plain, so a shared
 * type is marked as one.
 */
export function valueToJson(value: unknown): Json {
  const json = sharedToJson(value)
  if (!(value instanceof Y.AbstractType) || isXml(value)) return json
  return { $shared: json }
}

/** Types whose JSON names their kind. */
const isXml = (value: unknown): boolean =>
  value instanceof Y.XmlText || value instanceof Y.XmlFragment || value instanceof Y.XmlHook

const entriesToJson = (map: Y.Map<unknown>): JsonObject =>
  Object.fromEntries([...map.entries()].map(([key, part]) => [key, sharedToJson(part)]))

/** The entries of any XML type as `attributes: {…}`; empty if there are none. */
function attributesOf(type: Y.XmlFragment | Y.Text): { attributes?: JsonObject } {
  const entries = type instanceof Y.Text ? type.getAttributes() : readEntries(type)
  const attributes = mapValues(entries as Record<string, unknown>, valueToJson)
  return Object.keys(attributes).length > 0 ? { attributes } : {}
}

/** A fragment can have entries like an element, but has no method to read them. */
const readEntries = (fragment: Y.XmlFragment): object =>
  Y.XmlElement.prototype.getAttributes.call(fragment)

const deltaToJson = (text: Y.Text): Json[] =>
  deltaOf(text).map(({ insert, attributes }) => ({
    insert: typeof insert === 'string' ? insert : valueToJson(insert),
    ...(attributes === undefined ? {} : { attributes: mapValues(attributes, toJson) }),
  }))

const textParts = (text: Y.Text): JsonObject => ({
  ...attributesOf(text),
  delta: deltaToJson(text),
})

function textToJson(text: Y.Text): Json {
  // The delta is read only once, here or below: each read reads all embeds, and two reads at each level are 2^n reads
  // at level n.
  if (Object.keys(text.getAttributes()).length > 0) return { $text: textParts(text) }
  const delta = deltaOf(text)
  const isPlain = delta.every(
    ({ insert, attributes }) => typeof insert === 'string' && attributes === undefined,
  )
  if (isPlain) return delta.map(({ insert }) => insert).join('')
  return { $delta: deltaToJson(text) }
}

/** The only entry of an object, as its key (which may name a kind) and value; null for anything else. */
function markerOf(json: unknown): readonly [kind: string, held: unknown] | null {
  if (!isObject(json)) return null
  const [entry, ...others] = Object.entries(json)
  return entry === undefined || others.length > 0 ? null : entry
}

/**
 * The value that {@link sharedToJson} wrote. Objects, arrays and deltas become shared types, so that
 * two people can edit them at once.
 * @throws {RequestError} `invalid_content`
 */
export function jsonToShared(json: unknown): unknown {
  if (Array.isArray(json)) return Y.Array.from(listOf(json) as string[])
  const [kind, held] = markerOf(json) ?? []
  const build = kind === undefined || !Object.hasOwn(BUILDERS, kind) ? undefined : BUILDERS[kind]
  if (build !== undefined) return build(held)
  const value = fromJson(json)
  // A marker has become bytes, a subdocument or the like; only a plain object becomes a map.
  const isPlainObject = isObject(json) && isObject(value) && !isSpecial(value)
  if (!isPlainObject) return value
  const entries = Object.entries(unguarded(json))
  return new Y.Map(entries.map(([key, part]) => [key, jsonToShared(part)]))
}

/** The value of an attribute or an embed that {@link valueToJson} wrote. @throws {RequestError} `invalid_content` */
export function jsonToValue(json: unknown): unknown {
  const [kind, held] = markerOf(json) ?? []
  if (kind === '$shared') return jsonToShared(held)
  return kind?.startsWith('$xml') ? jsonToShared(json) : fromJson(json)
}

const isSpecial = (value: object): boolean => value instanceof Uint8Array || value instanceof Y.Doc

/** The object that {@link guarded} wrapped. */
export function unguarded(json: Record<string, unknown>): Record<string, unknown> {
  const [kind, held] = markerOf(json) ?? []
  return kind === '$object' && isObject(held) ? held : json
}

/** Yjs does not accept undefined in an array. */
export const listOf = (json: readonly unknown[]): unknown[] =>
  json.map((value) => jsonToShared(value) ?? null)

const BUILDERS: Readonly<Record<string, (held: unknown) => unknown>> = {
  $shared: jsonToShared,
  $delta: (held) => {
    const text = new Y.Text()
    writeDelta(text, held)
    return text
  },
  $text: (held) => fillText(new Y.Text(), held),
  $xmlText: (held) => fillText(new Y.XmlText(), held),
  $xmlElement: (held) => {
    const { name } = requireObject(held, '$xmlElement')
    if (typeof name !== 'string' || name === '') throw refuse('$xmlElement must have a name')
    const element = new Y.XmlElement(name)
    writeFragment(element, held)
    return element
  },
  $xmlFragment: (held) => {
    const fragment = new Y.XmlFragment()
    writeFragment(fragment, held)
    return fragment
  },
  $xmlHook: (held) => {
    const { name, values } = requireObject(held, '$xmlHook')
    if (typeof name !== 'string' || name === '') throw refuse('$xmlHook must have a name')
    const hook = new Y.XmlHook(name)
    const entries = Object.entries(requireObject(values ?? {}, '$xmlHook.values'))
    for (const [key, part] of entries) hook.set(key, jsonToShared(part))
    return hook
  },
}

const refuse = (problem: string): RequestError => new RequestError('invalid_content', problem)

function requireObject(value: unknown, what: string): Record<string, unknown> {
  if (!isObject(value)) throw refuse(`${what} must hold an object`)
  return value
}

/** Fills an element or a fragment that is new and empty. */
export function writeFragment(target: Y.XmlFragment, held: unknown): void {
  const { attributes = {}, children = [] } = requireObject(held, 'xml')
  if (!Array.isArray(children)) throw refuse('children must be an array')
  for (const [name, value] of Object.entries(requireObject(attributes, 'attributes'))) {
    Y.XmlElement.prototype.setAttribute.call(target, name, jsonToValue(value) as string)
  }
  target.insert(0, children.map(xmlChild))
}

function xmlChild(json: unknown): Y.XmlElement | Y.XmlText {
  const child = jsonToShared(json)
  if (!isXml(child)) throw refuse('a child must be an $xmlElement or an $xmlText')
  return child as Y.XmlElement
}

/** Fills a text that is new and empty, with its attributes. @throws {RequestError} */
export function fillText(text: Y.Text, held: unknown): Y.Text {
  const { attributes = {}, delta = [] } = requireObject(held, 'a text')
  for (const [name, value] of Object.entries(requireObject(attributes, 'attributes'))) {
    text.setAttribute(name, jsonToValue(value))
  }
  writeDelta(text, delta)
  return text
}

/** Fills a text that is new and empty. @throws {RequestError} `invalid_content` */
export function writeDelta(text: Y.Text, ops: unknown): void {
  if (!Array.isArray(ops)) throw refuse('a delta must be an array')
  const delta = ops.map((op): DeltaOp => {
    if (!isObject(op) || op.insert === undefined || op.insert === '') {
      throw refuse('each part of a delta must insert something')
    }
    const insert = jsonToValue(op.insert)
    // Yjs throws here; for a text inside another type it throws later, and then drops the whole text.
    if (insert === null || insert === undefined) {
      throw refuse('each part of a delta must insert something, and null is nothing')
    }
    const attributes = isObject(op.attributes) ? { ...mapValues(op.attributes, fromJson) } : {}
    return { insert, attributes }
  })
  text.applyDelta(delta)
}
