/** Checks a decoded update beyond the checks of Yjs' decoder, before anything of it is integrated. */
import * as Y from 'yjs'

type Struct = Y.Item | Y.GC | Y.Skip
type RawUpdate = ReturnType<typeof Y.decodeUpdateV2>

/**
 * Every clock of an update is below this. Yjs v2 writes twice the difference of two clocks, which
 * must also be an exact number.
 */
export const MAX_CLOCK = 2 ** 51

/**
 * How many shared types may be nested in one update. Deleting, collecting and reading a type are
 * recursive; some thousands of levels overflow the stack.
 */
export const MAX_TYPE_DEPTH = 500

/** The ids that a struct names: its neighbours at the time of the edit, and its parent. */
export function referencesOf(struct: Struct): Y.ID[] {
  if (!(struct instanceof Y.Item)) return []
  const { origin, rightOrigin, parent } = struct
  const references: Y.ID[] = []
  if (origin !== null) references.push(origin)
  if (rightOrigin !== null) references.push(rightOrigin)
  if (parent instanceof Y.ID) references.push(parent)
  return references
}

/** Describes what is wrong with an update; null if nothing is. */
export function problemOf({ structs, ds }: RawUpdate): string | null {
  for (const struct of structs) {
    const problem = problemOfStruct(struct)
    if (problem !== null) return problem
  }
  const problem = problemOfDeletes(ds)
  if (problem !== null) return problem
  return depthOf(structs) > MAX_TYPE_DEPTH ? `it nests more than ${MAX_TYPE_DEPTH} types` : null
}

function problemOfStruct(struct: Struct): string | null {
  const { client, clock } = struct.id
  const name = `${client}:${clock}`
  if (!isClient(client)) return `${name} has no proper client id`
  if (!isClock(clock) || !isClock(clock + struct.length)) return `${name} ends beyond any clock`
  for (const reference of referencesOf(struct)) {
    if (!isClient(reference.client) || !isClock(reference.clock)) {
      return `${name} refers to ${reference.client}:${reference.clock}, which cannot be`
    }
  }
  if (!(struct instanceof Y.Item)) return null
  // No item fits there: its place in Yjs would depend on what the document already holds.
  const { origin, rightOrigin } = struct
  if (origin !== null && Y.compareIDs(origin, rightOrigin)) {
    return `${name} stands between ${origin.client}:${origin.clock} and itself`
  }
  return problemOfContent(struct.content, name)
}

function problemOfContent(content: Y.Item['content'], name: string): string | null {
  if (content instanceof Y.ContentDoc) {
    // The options of a subdocument may set any option of a Y.Doc.
    const { guid, gcFilter, collectionid } = content.doc
    const isProper =
      typeof guid === 'string' &&
      typeof gcFilter === 'function' &&
      (collectionid === null || typeof collectionid === 'string')
    return isProper ? null : `${name} is a subdocument with options that Yjs does not write`
  }
  return null
}

/** Ranges out of order break Yjs' own encoding of pending deletes. */
function problemOfDeletes(ds: RawUpdate['ds']): string | null {
  for (const [client, ranges] of ds.clients) {
    if (!isClient(client)) return 'a delete has no proper client id'
    let end = 0
    for (const { clock, len } of ranges) {
      if (!isClock(clock) || !isClock(clock + len)) {
        return `the delete of ${client}:${clock} ends beyond any clock`
      }
      if (clock < end) return `the deletes of client ${client} are not in order`
      end = clock + len
    }
  }
  return null
}

const isClient = (client: number): boolean => Number.isSafeInteger(client) && client >= 0

const isClock = (clock: number): boolean =>
  Number.isSafeInteger(clock) && clock >= 0 && clock <= MAX_CLOCK

/** How deeply the types of an update are nested in each other, as far as the update shows. */
function depthOf(structs: readonly Struct[]): number {
  const isType = (struct: Struct) =>
    struct instanceof Y.Item && struct.content instanceof Y.ContentType
  if (structs.filter(isType).length <= MAX_TYPE_DEPTH) return 0
  const find = finderOf(structs)
  const depths = new Map<Struct, number>()
  let deepest = 0
  for (const struct of structs) {
    const path: { readonly struct: Struct; readonly step: number }[] = []
    let current: Struct | undefined = struct
    while (current !== undefined && !depths.has(current)) {
      const { next, step } = upFrom(current, find)
      path.push({ struct: current, step })
      // Structs that depend on each other in a circle are pending for ever, so any depth is
      // safe.
      depths.set(current, 0)
      current = next
    }
    let depth = current === undefined ? 0 : (depths.get(current) ?? 0)
    for (const { struct: below, step } of path.reverse()) {
      depth += step
      depths.set(below, depth)
    }
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

type Find = (id: Y.ID) => Struct | undefined

/** From a struct to its parent, or to a sibling with the same parent. */
function upFrom(struct: Struct, find: Find): { next: Struct | undefined; step: number } {
  if (!(struct instanceof Y.Item)) return { next: undefined, step: 0 }
  const { origin, rightOrigin, parent } = struct
  if (parent instanceof Y.ID) return { next: find(parent), step: 1 }
  const sibling = origin ?? rightOrigin
  return { next: sibling === null ? undefined : find(sibling), step: 0 }
}

function finderOf(structs: readonly Struct[]): Find {
  const byClient = new Map<number, Struct[]>()
  for (const struct of structs) {
    const list = byClient.get(struct.id.client)
    if (list === undefined) byClient.set(struct.id.client, [struct])
    else list.push(struct)
  }
  return ({ client, clock }) => {
    const list = byClient.get(client) ?? []
    let [low, high] = [0, list.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const struct = list[middle]
      if (struct === undefined) return undefined
      if (struct.id.clock > clock) high = middle - 1
      else if (struct.id.clock + struct.length <= clock) low = middle + 1
      else return struct
    }
    return undefined
  }
}
