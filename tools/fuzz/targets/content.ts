import { DEFAULT_LIMITS } from '@y-electric/server'
import fc from 'fast-check'
import * as Y from 'yjs'
import {
  anyHtml,
  anyMarkdown,
  FORMATS,
  type Format,
  isRequestError,
  LINE_ENDS,
  type RequestError,
  ROOT_TYPES,
  type RootType,
  readContent,
  statsOf,
} from '../adapters/server.ts'
import type { Choices } from '../engine/choices.ts'
import { asFinding, Finding, type Json, type Target } from '../engine/target.ts'
import { fromHex, mutateBytes, toHex } from '../generators/bytes.ts'
import { HONEST_DOCUMENTS, honestDocument } from '../generators/honest.ts'
import { anyDocumentJson, anyProsemirror } from '../generators/json-content.ts'
import { anyUpdate } from '../generators/update-v1.ts'
import { convertedUpdate, runLengthBomb } from '../generators/update-v2.ts'
import { jsonText, STRINGS } from '../generators/values.ts'
import { Cost } from '../oracles/cost.ts'
import { requireReadable } from '../oracles/readable.ts'
import { THOROUGH_ONE_IN } from './sampling.ts'

/** A file that is imported. */
interface Input {
  readonly [key: string]: Json
  readonly format: Format
  /** The file as hexadecimal text. */
  readonly data: string
  readonly root: string | null
  readonly type: RootType | null
  readonly lineEnds: 'lf' | 'keep'
}

/** The formats that contain the whole document. */
const QUICK_FORMATS = ['json', 'update'] as const

/** The most processor time for reading on the server's event loop, in milliseconds. */
const INLINE_MS = 500
/** The most processor time for reading in a worker, which has its own limit. */
const WORKER_MS = 20_000

const limitOf = (format: Format, bytes: number): number =>
  bytes * (FORMATS[format].effort.read ?? 1) <= DEFAULT_LIMITS.inspectInlineBytes
    ? INLINE_MS
    : WORKER_MS

/** Files of every format. An accepted file can be written in every format, and any other is refused. */
export function content(): Target {
  const cost = new Cost()
  const counts = { accepted: 0, thorough: 0 }
  return {
    name: 'content',
    thoroughOneIn: THOROUGH_ONE_IN.content,
    generate,
    run(json, isThorough) {
      cost.begin()
      const stored = importedFrom(json as Input, cost)
      if (typeof stored === 'string') return stored
      try {
        counts.accepted++
        if (isThorough) counts.thorough++
        requireReadable(stored, cost, isThorough ? undefined : QUICK_FORMATS)
        statsOf({ doc: stored, leftOut: [], unreadableRows: 0 })
      } finally {
        stored.destroy()
      }
      return `${(json as Input).format}: read`
    },
    figures: () => ({
      'accepted inputs': counts.accepted,
      'with the expensive oracles': counts.thorough,
      'slowest step ms': cost.worst,
    }),
  }
}

/**
 * Stores the document and reads it again, as all readers do. Returns the code of the refusal, if the server
 * refuses it.
 */
function importedFrom({ format, data, root, type, lineEnds }: Input, cost: Cost): Y.Doc | string {
  const choice = {
    ...(root === null ? {} : { root }),
    ...(type === null ? {} : { type }),
    lineEnds,
  }
  let doc: Y.Doc
  try {
    doc = cost.within(limitOf(format, data.length / 2), `reading ${format}`, () =>
      readContent(format, fromHex(data), choice),
    )
  } catch (error) {
    if (isRequestError(error) && error.code !== 'corrupt' && isExpected(error)) {
      return `${format}: ${error.code}`
    }
    const { kind, message } = asFinding(isRequestError(error) ? (error.cause ?? error) : error)
    throw new Finding(`reading ${format}: ${kind}`, `read as ${format}: ${message}`, {
      cause: error,
    })
  }
  const stored = new Y.Doc()
  Y.applyUpdateV2(stored, Y.encodeStateAsUpdateV2(doc))
  doc.destroy()
  return stored
}

/**
 * An unexpected error also has the code `invalid_content`; only its message shows that the stack was
 * exceeded.
 */
const isExpected = ({ message, cause }: RequestError): boolean =>
  !(cause instanceof RangeError && /call stack/.test(cause.message)) || /levels deep/.test(message)

function generate(choices: Choices, corpus: readonly Json[]): Input {
  const [format, data] = choices.weighted<readonly [Format, Uint8Array]>([
    // HTML and Markdown take ten times as long to read as the other formats.
    [2, () => ['html', bytesOf(sampleOf(choices, anyHtml))]],
    [2, () => ['markdown', bytesOf(sampleOf(choices, anyMarkdown))]],
    [4, () => ['prosemirror', bytesOf(anyProsemirror(choices))]],
    [4, () => ['json', bytesOf(anyDocumentJson(choices))]],
    [1, () => ['text', bytesOf(choices.list(0, 9, () => choices.pick(STRINGS)).join(''))]],
    [2, () => ['update', anyUpdate(choices, new Map())]],
    [2, () => ['update', mutateBytes(choices, wholeUpdate(choices))]],
    [2, () => ['update-v2', choices.oneIn(20) ? runLengthBomb(choices) : convertedUpdate(choices)]],
    [
      1,
      () => [choices.pick(['html', 'markdown', 'prosemirror', 'json']), bytesOf(jsonText(choices))],
    ],
    [corpus.length > 0 ? 2 : 0, () => changed(choices, choices.pick(corpus as readonly Input[]))],
  ])
  const isOdd = choices.oneIn(4)
  return {
    format,
    data: toHex(data),
    root: isOdd ? choices.pick(['body', '', '__proto__', 'default']) : null,
    type: isOdd ? choices.pick(ROOT_TYPES) : null,
    lineEnds: choices.pick(LINE_ENDS),
  }
}

const changed = (choices: Choices, { format, data }: Input): readonly [Format, Uint8Array] => [
  format,
  mutateBytes(choices, fromHex(data)),
]

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))

const wholeUpdate = (choices: Choices): Uint8Array =>
  Y.mergeUpdates([...honestDocument(choices.below(HONEST_DOCUMENTS)).updates])

function sampleOf(choices: Choices, arbitrary: fc.Arbitrary<string>): string {
  const [text = ''] = fc.sample(arbitrary, { seed: choices.below(2 ** 31), numRuns: 1 })
  return text
}
