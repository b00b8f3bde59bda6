import { RequestError } from '@y-electric/server'
import type { Root } from 'hast'
import { toHtml } from 'hast-util-to-html'
import * as Y from 'yjs'
import { deltaToProsemirror, embedToNode } from './delta.ts'
import { MAX_SHOWN_DEPTH, withShownDepth } from './depth.ts'
import { requireBodyFits, requireExportFits } from './export-size.ts'
import { FORMATS, type Format, type RootChoice } from './formats.ts'
import { prosemirrorToHtml } from './html/html.ts'
import { type Json, mapValues } from './json.ts'
import { type Loss, Losses } from './losses.ts'
import { prosemirrorToMarkdown } from './markdown/write.ts'
import { fragmentToProsemirror, nodesOf } from './prosemirror/from-yjs.ts'
import { blocksOfText } from './prosemirror/lexical.ts'
import { labelOf, type PmNode } from './prosemirror/nodes.ts'
import { prosemirrorToText } from './prosemirror/text.ts'
import { countUnsaidByText } from './prosemirror/text-losses.ts'
import { chooseRoot, listRoots, openRoot } from './roots.ts'
import { documentToJson, rootToJson } from './shared.ts'
import { type DeltaOp, deltaOf, valueToJson } from './shared-values.ts'

/** A document, or one root of it, in one format. */
export interface Content {
  readonly mediaType: string
  readonly body: string | Uint8Array
  /** The parts of the document that the body cannot express; empty if it expresses all of them. */
  readonly losses: readonly Loss[]
}

/** The formats of a document's content; `stats` is about its rows. */
export type ContentFormat = Exclude<Format, 'stats'>

/**
 * Writes a document in a format. The document is not changed. Content that is nested too deeply is left out
 * and counted as a loss; `update` and `update-v2` hold everything.
 * @param maxBytes the largest size of the body
 * @throws {RequestError} `root_unknown` if the format shows one root and it is not clear which;
 * `export_too_large`
 */
export function writeContent(
  doc: Y.Doc,
  format: ContentFormat,
  choice: RootChoice = {},
  maxBytes = Number.POSITIVE_INFINITY,
): Content {
  const isBytes = format === 'update' || format === 'update-v2'
  const losses = new Losses()
  const body = isBytes
    ? WRITERS[format](doc, choice, losses)
    : withShownDepth(doc, (cut) => {
        if (cut > 0) losses.add('node', `content deeper than ${MAX_SHOWN_DEPTH} levels`, cut)
        if (Number.isFinite(maxBytes)) requireExportFits(doc, choice, maxBytes)
        return WRITERS[format](doc, choice, losses)
      })
  requireBodyFits(body, maxBytes)
  return { mediaType: FORMATS[format].mediaType, body, losses: losses.list() }
}

type Writer = (doc: Y.Doc, choice: RootChoice, losses: Losses) => string | Uint8Array

const WRITERS: Readonly<Record<ContentFormat, Writer>> = {
  update: (doc) => Y.encodeStateAsUpdate(doc),
  'update-v2': (doc) => Y.encodeStateAsUpdateV2(doc),
  json: (doc, choice) => JSON.stringify(documentToJson(doc, choice)),
  prosemirror: (doc, choice, losses) => {
    const { rich, name } = readRoot(doc, choice, losses)
    if (rich === undefined) {
      const roots = listRoots(doc).map((root) => JSON.stringify(root.name))
      throw new RequestError(
        'root_unknown',
        `${JSON.stringify(name)} is neither text nor xml; this document has ${roots.join(', ')}`,
      )
    }
    return JSON.stringify(rich())
  },
  text: (doc, choice, losses) => {
    const { plain, rich, json } = readRoot(doc, choice, losses)
    if (rich === undefined) return pretty(json())
    const nodes = rich()
    countUnsaidByText(nodes, losses)
    return plain ?? prosemirrorToText(nodes)
  },
  html: (doc, choice, losses) => {
    const { rich, json } = readRoot(doc, choice, losses)
    return rich === undefined ? inPre(pretty(json())) : prosemirrorToHtml(rich(), losses)
  },
  markdown: (doc, choice, losses) => {
    const { rich, json } = readRoot(doc, choice, losses)
    return rich === undefined ? fenced(pretty(json())) : prosemirrorToMarkdown(rich(), losses)
  },
}

interface ReadRoot {
  readonly name: string
  /** The text without its formats. */
  readonly plain?: string
  /** Text and xml. */
  readonly rich?: () => PmNode
  readonly json: () => Json
}

/** Reads the chosen root. If the caller did not name it, every other root counts as a loss. */
function readRoot(doc: Y.Doc, choice: RootChoice, losses: Losses): ReadRoot {
  const root = chooseRoot(doc, choice)
  if (root === null) {
    return { name: '', plain: '', rich: () => ({ type: 'doc', content: [] }), json: () => null }
  }
  const { name, type } = root
  if (choice.root === undefined) {
    for (const other of listRoots(doc)) {
      if (other.name !== name && other.type !== null) losses.add('node', other.name)
    }
  }
  const json = () => rootToJson(doc, name, type)
  if (type === 'xml') {
    return { name, rich: () => fragmentToProsemirror(openRoot(doc, name, type)), json }
  }
  if (type !== 'text') return { name, json }
  const text = openRoot(doc, name, type)
  const delta = deltaOf(text)
  const attrs = mapValues(text.getAttributes() as Record<string, unknown>, valueToJson)
  const own = Object.keys(attrs).length > 0 ? { attrs } : {}
  const blocks = blocksOfText(delta, nodesOf)
  if (blocks !== null) return { name, rich: () => ({ type: 'doc', ...own, content: blocks }), json }
  return {
    name,
    plain: plainText(delta),
    rich: () => ({ ...deltaToProsemirror(delta), ...own }),
    json,
  }
}

/** A text without its formats; each embed is replaced by its label. */
const plainText = (delta: readonly DeltaOp[]): string =>
  delta
    .map(({ insert, attributes }) =>
      typeof insert === 'string' ? insert : labelOf(embedToNode(insert, attributes)),
    )
    .join('')

const pretty = (json: Json): string => JSON.stringify(json, null, 2)

const fenced = (value: string): string => `\`\`\`json\n${value}\n\`\`\`\n`

function inPre(value: string): string {
  const tree: Root = {
    type: 'root',
    children: [
      { type: 'element', tagName: 'pre', properties: {}, children: [{ type: 'text', value }] },
    ],
  }
  return toHtml(tree)
}
