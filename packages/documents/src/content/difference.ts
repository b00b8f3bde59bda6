import type { Json, JsonObject } from './json.ts'

/**
 * Where something is: the name of a root, then keys, attribute names and positions in lists. A
 * position is that in the newer document; of something removed, that in the older one.
 */
export type ContentPath = readonly (string | number)[]

/** Part of a text, in the order of reading. */
export type TextPart =
  | { readonly type: 'same' | 'added' | 'removed'; readonly text: string }
  /** The same characters, otherwise formatted. */
  | {
      readonly type: 'formatted'
      readonly text: string
      readonly before: JsonObject
      readonly after: JsonObject
    }
  /** So many characters that are the same were left out. */
  | { readonly type: 'skipped'; readonly length: number }

/** One thing that is different. Xml is given as its source, shared types as plain JSON. */
export type Change =
  | { readonly type: 'added'; readonly path: ContentPath; readonly value: Json }
  | { readonly type: 'removed'; readonly path: ContentPath; readonly value: Json }
  | {
      readonly type: 'changed'
      readonly path: ContentPath
      readonly before: Json
      readonly after: Json
    }
  | { readonly type: 'text'; readonly path: ContentPath; readonly parts: readonly TextPart[] }

/** What is different between two states of a document. No changes: they read the same. */
export interface ContentDifference {
  readonly changes: readonly Change[]
  /**
   * True when it was too much to compare within bounds: some texts or lists are then given as wholly
   * removed and added, or changes are left out at the end.
   */
  readonly isCut: boolean
}
