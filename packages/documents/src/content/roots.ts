import { RequestError } from '@y-electric/server'
import * as Y from 'yjs'
import type { RootChoice, RootType } from './formats.ts'

/** A shared type that a document holds by name. */
export interface Root {
  readonly name: string
  /** Null if only deleted content is left, which does not show the type. */
  readonly type: RootType | null
}

/** The Yjs class of each type. */
const CONSTRUCTORS = { text: Y.Text, map: Y.Map, array: Y.Array, xml: Y.XmlFragment } as const

type SharedType = Y.Doc['share'] extends Map<string, infer T> ? T : never

type TypeOf<T extends RootType> = InstanceType<(typeof CONSTRUCTORS)[T]>

/** The named roots of a document, by name. Empty ones are not stored. */
export function listRoots(doc: Y.Doc): Root[] {
  const roots: Root[] = []
  for (const [name, type] of doc.share) {
    if (type._start === null && type._map.size === 0) continue
    roots.push({ name, type: typeOf(type) })
  }
  return roots.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Opens the root as its shared type; a root that was never written is empty. */
export const openRoot = <T extends RootType>(doc: Y.Doc, name: string, type: T): TypeOf<T> =>
  doc.get(name, CONSTRUCTORS[type] as new () => SharedType) as TypeOf<T>

/**
 * Derives the type of a root from its content, because rows do not store it. A text that holds only shared
 * types looks like an array or xml: then `?type=` is needed.
 */
function typeOf(type: SharedType): RootType | null {
  if (type instanceof Y.XmlFragment) return 'xml'
  if (type instanceof Y.Text) return 'text'
  if (type instanceof Y.Map) return 'map'
  if (type instanceof Y.Array) return 'array'
  let found: RootType | null = null
  for (let item = type._start; item !== null; item = item.right) {
    const kind = typeOfContent(item.content)
    if (kind === 'text') return kind
    found ??= kind
  }
  return found ?? (type._map.size > 0 ? 'map' : null)
}

function typeOfContent(content: Y.Item['content']): RootType | null {
  if (
    content instanceof Y.ContentString ||
    content instanceof Y.ContentFormat ||
    content instanceof Y.ContentEmbed
  ) {
    return 'text'
  }
  if (content instanceof Y.ContentDeleted) return null
  if (!(content instanceof Y.ContentType)) return 'array'
  const { type } = content
  const isXml =
    type instanceof Y.XmlElement || type instanceof Y.XmlText || type instanceof Y.XmlHook
  return isXml ? 'xml' : 'array'
}

/** The requested root, for a format that shows one root; null for a document without any. */
export function chooseRoot(
  doc: Y.Doc,
  { root, type }: RootChoice,
): { name: string; type: RootType } | null {
  const roots = listRoots(doc)
  if (root !== undefined) {
    const found = roots.find(({ name }) => name === root)
    if (found === undefined) throw unknownRoot(roots, `there is no root ${JSON.stringify(root)}`)
    const known = type ?? found.type
    if (known === null) {
      throw unknownRoot(roots, `all of root ${JSON.stringify(root)} is deleted: add its type`)
    }
    return { name: root, type: known }
  }
  const fitting = roots.filter((one) => type === undefined || (one.type ?? type) === type)
  if (fitting.length === 0 && type === undefined) return null
  const rich = fitting.filter((one) => one.type === 'xml' || one.type === 'text')
  const [only, ...others] = rich.length > 0 ? rich : fitting
  if (only === undefined) throw unknownRoot(roots, `there is no root of type ${type}`)
  if (others.length > 0) throw unknownRoot(roots, 'name one root')
  const known = type ?? only.type
  return known === null ? null : { name: only.name, type: known }
}

function unknownRoot(roots: readonly Root[], problem: string): RequestError {
  const names = roots.map(({ name, type }) => `${JSON.stringify(name)} (${type ?? 'deleted'})`)
  const there = names.length === 0 ? 'has none' : `has ${names.join(', ')}`
  return new RequestError('root_unknown', `${problem}; this document ${there}`)
}
