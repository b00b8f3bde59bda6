// Checks that every accepted document can be read in every format.
import type * as Y from 'yjs'
import {
  type ContentFormat,
  FORMAT_NAMES,
  isRequestError,
  listRoots,
  type RootChoice,
  type RootType,
  writeContent,
} from '../adapters/server.ts'
import { asFinding, Finding } from '../engine/target.ts'
import type { Cost } from './cost.ts'

/** The most time for one format of a small document, in milliseconds. */
const FORMAT_MS = 1_000
/**
 * A limit far above the size of a small document. With a limit, the code first estimates the size, as in a
 * server.
 */
const MAX_BYTES = 64 * 1024 * 1024

const FORMATS = FORMAT_NAMES.filter((name): name is ContentFormat => name !== 'stats')

/** Writes each root of the document in every format. @throws {Finding} */
export function requireReadable(
  doc: Y.Doc,
  cost: Cost,
  formats: readonly ContentFormat[] = FORMATS,
) {
  const roots = listRoots(doc)
  for (const format of formats) {
    const isWhole = format === 'json' || format === 'update' || format === 'update-v2'
    if (isWhole) writeAs(doc, format, {}, cost)
    else
      for (const { name, type } of roots)
        if (type !== null) writeAs(doc, format, { root: name }, cost)
  }
}

/**
 * Reads each root with a given type, like `?type=`. A root has only one type in a document, so each read uses
 * a new document.
 * @throws {Finding}
 */
export function requireReadableAs(
  build: () => Y.Doc,
  type: RootType,
  format: ContentFormat,
  cost: Cost,
): void {
  for (const { name } of listRoots(build())) writeAs(build(), format, { root: name, type }, cost)
}

function writeAs(doc: Y.Doc, format: ContentFormat, choice: RootChoice, cost: Cost): void {
  try {
    const { body } = cost.within(FORMAT_MS, `format ${format}`, () =>
      writeContent(doc, format, choice, MAX_BYTES),
    )
    if (format === 'json' || format === 'prosemirror') JSON.parse(body as string)
  } catch (error) {
    if (isRequestError(error) && error.code === 'root_unknown') return
    const { kind, message } = asFinding(error)
    throw new Finding(`${format}: ${kind}`, `written as ${format}: ${message}`, { cause: error })
  }
}
