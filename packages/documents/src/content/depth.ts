import * as Y from 'yjs'

/**
 * How many levels of shared types in each other are shown. One update row may nest no more (`MAX_TYPE_DEPTH` of
 * the protocol), but many rows together may, and formats are written by recursion.
 */
export const MAX_SHOWN_DEPTH = 500

type AnyType = Y.AbstractType<unknown>

/**
 * Runs `read` on a document in which the types at the deepest level that is shown look empty. The document is
 * the same afterwards.
 * @param read gets how many types look empty although they hold something
 */
export function withShownDepth<T>(doc: Y.Doc, read: (cut: number) => T): T {
  const cut = typesAtLimit(doc).map((type) => {
    const { _start, _map, _length } = type
    type._start = null
    type._map = new Map()
    type._length = 0
    return () => Object.assign(type, { _start, _map, _length })
  })
  try {
    return read(cut.length)
  } finally {
    for (const restore of cut) restore()
  }
}

/** The types that are nested as deeply as is shown, and hold something. */
function typesAtLimit(doc: Y.Doc): AnyType[] {
  const types: AnyType[] = []
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || struct.deleted) continue
      if (struct.content instanceof Y.ContentType) types.push(struct.content.type)
    }
  }
  // Fewer types cannot be nested so deeply.
  if (types.length < MAX_SHOWN_DEPTH) return []
  const depths = new Map<AnyType, number>()
  return types.filter(
    (type) =>
      depthOf(type, depths) === MAX_SHOWN_DEPTH && (type._start !== null || type._map.size > 0),
  )
}

/** @param depths what is known of other types */
function depthOf(type: AnyType, depths: Map<AnyType, number>): number {
  const unknown: AnyType[] = []
  // A root is on level 0.
  let depth = -1
  for (let at: AnyType | null = type; at !== null; at = parentOf(at)) {
    const known = depths.get(at)
    if (known !== undefined) {
      depth = known
      break
    }
    unknown.push(at)
  }
  for (const one of unknown.reverse()) depths.set(one, ++depth)
  return depth
}

const parentOf = (type: AnyType): AnyType | null => {
  const parent = type._item?.parent
  return parent instanceof Y.AbstractType ? parent : null
}
