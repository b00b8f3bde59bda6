import { RequestError } from '@y-electric/server'
import * as Y from 'yjs'
import type { RootChoice, RootType } from './formats.ts'

/** A shared type that a document holds by name. */
export interface Root {
  readonly name: string
  /** Null when only deleted content is left, which does not tell. */
  readonly type: RootType | null
}

/** What Yjs makes of each. */
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

/** The root as the shared type that it is; one that nobody wrote is empty. */
export const openRoot = <T extends RootType>(doc: Y.Doc, name: string, type: T): TypeOf<T> =>
  doc.get(name, CONSTRUCTORS[type] as new () => SharedType) as TypeOf<T>

/**
 * Rows do not say what a root is: nobody asked the document for it by type. What it holds does. A
 * text that holds shared types alone looks like an array, or xml: then `?type=` has to say.
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

/** The root that is meant, where a format shows one alone; null for a document without any. */
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
      throw unknownRoot(roots, `all of root ${JSON.stringify(root)} is deleted: say its type`)
    }
    return { name: root, type: known }
  }
  const fitting = roots.filter((one) => type === undefined || (one.type ?? type) === type)
  if (fitting.length === 0 && type === undefined) return null
  const rich = fitting.filter((one) => one.type === 'xml' || one.type === 'text')
  const [only, ...others] = rich.length > 0 ? rich : fitting
  if (only === undefined) throw unknownRoot(roots, `there is no root of type ${type}`)
  if (others.length > 0) throw unknownRoot(roots, 'say which root is meant')
  const known = type ?? only.type
  return known === null ? null : { name: only.name, type: known }
}

function unknownRoot(roots: readonly Root[], problem: string): RequestError {
  const names = roots.map(({ name, type }) => `${JSON.stringify(name)} (${type ?? 'deleted'})`)
  const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
  return new RequestError('root_unknown', `${problem}; of this document ${there}`)
}
