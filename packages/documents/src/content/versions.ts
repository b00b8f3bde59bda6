import { readingSnapshots } from '@y-electric/server/extension'
import {
  countStructs,
  type FoldSources,
  foldRows,
  guardMapEntries,
  readSnapshotRow,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { type ContentBounds, type Version, versionOfDoc } from './bounds.ts'
import { withShownDepth } from './depth.ts'
import { diffContent } from './diff.ts'
import type { ContentDifference } from './difference.ts'
import type { Format, ReadChoice } from './formats.ts'
import { type Loss, Losses } from './losses.ts'
import { readContent } from './read.ts'
import { restoreContent } from './restore.ts'
import type { DiffBounds } from './words.ts'

const counted = (data: Uint8Array): Version => ({ data, structs: countStructs(data) })

/** Content in a form that a document can hold. */
export interface ImportedVersion {
  readonly version: Version
  /** The parts of the content that the version cannot hold. */
  readonly losses: readonly Loss[]
}

/**
 * Content in a format, as a version.
 * @throws {RequestError} `invalid_content`, `document_too_large`
 */
export function versionOfContent(
  format: Format,
  data: string | Uint8Array,
  choice: ReadChoice,
  bounds?: ContentBounds,
): ImportedVersion {
  const losses = new Losses()
  const doc = readContent(format, data, choice, losses, bounds)
  try {
    return { version: versionOfDoc(doc, bounds), losses: losses.list() }
  } finally {
    doc.destroy()
  }
}

export interface RestoreJob {
  /** The document as it is now. */
  readonly current: FoldSources
  /** The version to return to (Yjs v2). */
  readonly version: Uint8Array
  /** Whether the document keeps deleted content. */
  readonly keepHistory: boolean
}

export interface Restoration {
  /** The document before the restoration. */
  readonly before: Version
  /** The edits to make (Yjs v1); null when there are none. */
  readonly update: Uint8Array | null
  /** The client id of these edits. */
  readonly clientId: number
}

/**
 * The edits that bring a document back to the content of a version.
 * @throws {RequestError} `corrupt`
 */
export function restoration({ current, version, keepHistory }: RestoreJob): Restoration {
  const { doc } = readingSnapshots(() => foldRows(current, !keepHistory))
  const old = readingSnapshots(() => openVersion(version))
  const before = counted(Y.encodeStateAsUpdateV2(doc))
  const update = restoreContent(doc, old)
  const clientId = doc.clientID
  doc.destroy()
  old.destroy()
  return { before, update, clientId }
}

export interface DiffJob {
  /** Yjs v2. */
  readonly from: Uint8Array
  readonly to: Uint8Array
  readonly bounds: DiffBounds
}

/** The difference between two versions. @throws {RequestError} `corrupt` */
export function differenceOf({ from, to, bounds }: DiffJob): ContentDifference {
  const [before, after] = readingSnapshots(() => [openVersion(from), openVersion(to)])
  const difference = withShownDepth(before, (cutBefore) =>
    withShownDepth(after, (cutAfter) => {
      const shown = diffContent(before, after, bounds)
      return { ...shown, isCut: shown.isCut || cutBefore + cutAfter > 0 }
    }),
  )
  before.destroy()
  after.destroy()
  return difference
}

function openVersion(version: Uint8Array): Y.Doc {
  const doc = new Y.Doc({ guid: 'version' })
  guardMapEntries(doc)
  Y.applyUpdateV2(doc, readSnapshotRow(version).data)
  return doc
}
