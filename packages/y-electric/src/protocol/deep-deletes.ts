import * as Y from 'yjs'

/**
 * True for the error of a stack overflow. V8 and JavaScriptCore throw a RangeError, SpiderMonkey an
 * InternalError.
 */
export const isTooDeep = (error: unknown): boolean =>
  error instanceof Error && /call stack|too much recursion/i.test(error.message)

/**
 * Deletes everything inside deleted types, the deepest first. Yjs does this by recursion, and
 * leaves a part of the content undeleted when types are nested deeper than the stack of a runtime.
 * Several rows together can nest types so deeply before a client deletes the outermost one.
 * @returns whether anything was left to delete
 */
export function finishDeletes(doc: Y.Doc): boolean {
  const left: { readonly item: Y.Item; readonly depth: number }[] = []
  const places = new Map<Y.AbstractType<unknown>, Place>()
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || struct.deleted) continue
      if (!(struct.parent instanceof Y.AbstractType)) continue
      const { isDeleted, depth } = placeOf(struct.parent, places)
      if (isDeleted) left.push({ item: struct, depth })
    }
  }
  if (left.length === 0) return false
  left.sort((one, other) => other.depth - one.depth)
  doc.transact((transaction) => {
    for (const { item } of left) item.delete(transaction)
  })
  return true
}

interface Place {
  readonly depth: number
  /** Whether the type or a type around it is deleted. */
  readonly isDeleted: boolean
}

const OUTSIDE: Place = { depth: 0, isDeleted: false }

/** @param places the known results of other types */
function placeOf(
  type: Y.AbstractType<unknown>,
  places: Map<Y.AbstractType<unknown>, Place>,
): Place {
  const unknown: Y.AbstractType<unknown>[] = []
  let place = OUTSIDE
  for (let at: Y.AbstractType<unknown> | null = type; at !== null; at = parentOf(at)) {
    const known = places.get(at)
    if (known !== undefined) {
      place = known
      break
    }
    unknown.push(at)
  }
  for (const one of unknown.reverse()) {
    place = { depth: place.depth + 1, isDeleted: place.isDeleted || one._item?.deleted === true }
    places.set(one, place)
  }
  return place
}

const parentOf = (type: Y.AbstractType<unknown>): Y.AbstractType<unknown> | null => {
  const parent = type._item?.parent
  return parent instanceof Y.AbstractType ? parent : null
}

/** Yjs deletes and collects this many nested types without a stack overflow, in every runtime. */
const SAFE_DEPTH = 500

/**
 * Keeps a document usable when an edit that was made in it deletes types which are nested deeper than the
 * stack. Yjs throws into the code that made the edit and leaves a part undeleted; and when it collects the
 * garbage, it throws again, and from then on reports no change, so that no later edit is sent.
 *
 * This function finishes the delete in a transaction of its own, and skips the garbage collection of such
 * transactions: the content is the same without it.
 * @param onUnfinished called after a delete was finished that Yjs left unfinished
 * @returns a function that stops it
 */
export function guardDeepDeletes(doc: Y.Doc, onUnfinished: () => void): () => void {
  let isPaused = false
  const settle = (transaction: Y.Transaction): void => {
    if (!transaction.local) return
    const types = deletedTypes(transaction)
    if (types.length <= SAFE_DEPTH || !isDeep(types)) return
    if (doc.gc) {
      isPaused = true
      doc.gc = false
    }
    if (finishDeletes(doc)) onUnfinished()
  }
  const resume = (): void => {
    if (isPaused) doc.gc = true
    isPaused = false
  }
  doc.on('afterTransaction', settle)
  doc.on('afterTransactionCleanup', resume)
  return () => {
    doc.off('afterTransaction', settle)
    doc.off('afterTransactionCleanup', resume)
  }
}

function deletedTypes({ deleteSet, doc }: Y.Transaction): Y.AbstractType<unknown>[] {
  const types: Y.AbstractType<unknown>[] = []
  for (const [client, deletes] of deleteSet.clients) {
    const structs = doc.store.clients.get(client) ?? []
    for (const { clock, len } of deletes) {
      for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
        const struct = structs[i]
        if (struct === undefined || struct.id.clock >= clock + len) break
        if (struct instanceof Y.Item && struct.content instanceof Y.ContentType) {
          types.push(struct.content.type)
        }
      }
    }
  }
  return types
}

function isDeep(types: readonly Y.AbstractType<unknown>[]): boolean {
  const places = new Map<Y.AbstractType<unknown>, Place>()
  return types.some((type) => placeOf(type, places).depth > SAFE_DEPTH)
}
