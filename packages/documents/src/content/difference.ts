import type { Json, JsonObject } from './json.ts'

/**
 * The path of a change: the name of a root, then keys, attribute names and positions in lists. Positions
 * are those in the newer document; positions of removed values are those in the older document.
 */
export type ContentPath = readonly (string | number)[]

/** A part of a text, in reading order. */
export type TextPart =
  | { readonly type: 'same' | 'added' | 'removed'; readonly text: string }
  /** The same characters with other formatting. */
  | {
      readonly type: 'formatted'
      readonly text: string
      readonly before: JsonObject
      readonly after: JsonObject
    }
  /** This many unchanged characters were left out. */
  | { readonly type: 'skipped'; readonly length: number }

/** One change. Xml is given as its source, shared types as plain JSON. */
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

/**
 * The difference between two states of a document. If there are no changes, the two states read the
 * same.
 */
export interface ContentDifference {
  readonly changes: readonly Change[]
  /**
   * True if the comparison exceeded its bounds: some texts or lists are then given as wholly removed and
   * added, or changes are left out at the end.
   */
  readonly isCut: boolean
}
