import { RequestError } from '@y-electric/server'
import * as Y from 'yjs'
import type { RootChoice, RootType } from './formats.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { Losses } from './losses.ts'
import { fragmentToProsemirror, isProsemirror } from './prosemirror/from-yjs.ts'
import { requireNode } from './prosemirror/nodes.ts'
import { prosemirrorToFragment } from './prosemirror/to-yjs.ts'
import { chooseRoot, listRoots, openRoot } from './roots.ts'
import {
  fillText,
  jsonToShared,
  listOf,
  sharedToJson,
  unguarded,
  writeDelta,
  writeFragment,
} from './shared-values.ts'

/** All roots of a document by name, or only the named one. */
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

/**
 * One root: a text is a string (with formats or embeds, its delta), xml is ProseMirror JSON if that
 * expresses all of it.
 */
export function rootToJson(doc: Y.Doc, name: string, type: RootType): Json {
  const root = openRoot(doc, name, type)
  if (root instanceof Y.XmlFragment && isProsemirror(root)) {
    return fragmentToProsemirror(root) as unknown as Json
  }
  const json = sharedToJson(root)
  // A map may have the keys of a ProseMirror document. The marker prevents an import from reading
  // it as one.
  const isMistaken = root instanceof Y.Map && isObject(json) && isDocument(json)
  return isMistaken ? { $object: json as JsonObject } : json
}

/**
 * Writes JSON into an empty document: an object of roots, or the value of the named one.
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
    throw new RequestError(
      'invalid_content',
      'the JSON must be an object of roots by name; for one root, add its name',
    )
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
  else if (type === 'text' && isText(json)) fillText(openRoot(doc, name, type), json.$text)
  else if (type === 'array' && Array.isArray(json)) {
    openRoot(doc, name, type).insert(0, listOf(json))
  } else if (type === 'xml' && isFragment(json)) {
    writeFragment(openRoot(doc, name, type), json.$xmlFragment)
  } else if (type === 'xml' && isObject(json)) {
    prosemirrorToFragment(requireNode(json, name), openRoot(doc, name, type), losses)
  } else if (type === 'map' && isObject(json)) {
    const map = openRoot(doc, name, type)
    for (const [key, value] of Object.entries(unguarded(json))) map.set(key, jsonToShared(value))
  } else {
    throw new RequestError('invalid_content', `${JSON.stringify(name)} does not hold a ${type}`)
  }
}

function typeOfJson(json: unknown): RootType {
  if (typeof json === 'string' || isDelta(json) || isText(json)) return 'text'
  if (Array.isArray(json)) return 'array'
  if (!isObject(json))
    throw new RequestError('invalid_content', 'a root must not be a number or a boolean')
  return isDocument(json) || isFragment(json) ? 'xml' : 'map'
}

const isDocument = ({ type, content }: Record<string, unknown>): boolean =>
  type === 'doc' && Array.isArray(content)

const isAlone = (json: unknown, key: string): json is Record<string, unknown> =>
  isObject(json) && Object.keys(json).length === 1 && Object.hasOwn(json, key)

const isFragment = (json: unknown): json is { $xmlFragment: unknown } =>
  isAlone(json, '$xmlFragment')

const isText = (json: unknown): json is { $text: unknown } => isAlone(json, '$text')

const isDelta = (json: unknown): json is { $delta: readonly unknown[] } =>
  isAlone(json, '$delta') && Array.isArray(json.$delta)
