// Measures the cost of inspecting a document from its rows, and the memory of the server afterwards.
import { randomUUID } from 'node:crypto'
import { readContent } from '@y-electric/documents'
import {
  docPath,
  IDEMPOTENCY_KEY_HEADER,
  splitUpdate,
  UPDATE_MEDIA_TYPE,
  updatesPath,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { collectable, residentMegabytes } from './memory.ts'
import { median, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const formats = ['stats', 'json', 'text', 'html', 'markdown', 'prosemirror', 'update', 'update-v2']
const sizes = [
  { name: '100 KB', bytes: 100_000, repeats: 9 },
  { name: '5 MB', bytes: 5_000_000, repeats: 3 },
]
const inspections = 1_000
const atOnce = 4
/** Inspections before the measurement, which load the code and start the first workers. */
const warmUpInspections = 50
const maxRowBytes = 500_000

export async function benchInspect(): Promise<Report> {
  // This takes seconds, and a running server would close idle connections meanwhile, so it runs before a
  // server starts.
  const documents = sizes.map((size) => ({ ...size, updates: updatesOf(size.bytes) }))
  const rows = await onEachTarget((target) => measureTarget(target, documents))
  return {
    title:
      'inspect: milliseconds from request to complete answer, by format and size of the document',
    rows: rows.flat(),
    notes: [
      'Paragraphs with marks, headings and lists in the form of an editor; the size is the size of the stored rows.',
      `Resident size of the server before and after ${inspections} inspections of the 100 KB document, ${atOnce} at a time, in all formats; garbage is collected before each reading. MB are MiB.`,
    ],
  }
}

interface Document {
  readonly name: string
  readonly repeats: number
  /** The updates, each stored as one row. */
  readonly updates: readonly Uint8Array[]
}

const measureTarget = (target: Target, documents: readonly Document[]): Promise<Row[]> =>
  withServer(
    target,
    async (server) => {
      const mountPoint = `${server.url}/api`
      const rows: Row[] = []
      let small = ''
      for (const { name, updates, repeats } of documents) {
        const docId = await writeDocument(mountPoint, updates)
        if (small === '') small = docId
        const row: Record<string, string | number> = { backend: target.name, document: name }
        for (const format of formats) {
          const times: number[] = []
          for (let i = 0; i < repeats; i++) times.push(await inspect(mountPoint, docId, format))
          row[format] = round(median(times), 1)
        }
        rows.push(row)
      }
      await inspectMany(mountPoint, small, warmUpInspections)
      const before = await residentMegabytes(server)
      await inspectMany(mountPoint, small, inspections)
      const after = await residentMegabytes(server)
      const held = `resident MB: ${before} before, ${after} after`
      return [...rows, { backend: target.name, document: held }]
    },
    collectable,
  )

/** @returns the milliseconds until the whole answer has arrived */
export async function inspect(mountPoint: string, docId: string, format: string): Promise<number> {
  const started = performance.now()
  const response = await fetch(`${mountPoint}${docPath(docId)}?format=${format}`)
  const body = await response.arrayBuffer()
  if (!response.ok || body.byteLength === 0) {
    throw new Error(`${format} was answered with ${response.status}`)
  }
  return performance.now() - started
}

async function inspectMany(mountPoint: string, docId: string, count: number): Promise<void> {
  let left = count
  const next = async () => {
    while (left-- > 0) await inspect(mountPoint, docId, formats[left % formats.length] ?? 'text')
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}

/** Writes a document of some rows. */
export async function writeDocument(
  mountPoint: string,
  updates: readonly Uint8Array[],
): Promise<string> {
  const docId = randomUUID()
  for (const update of updates) {
    const response = await fetch(mountPoint + updatesPath(docId), {
      method: 'POST',
      headers: { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: randomUUID() },
      body: new Uint8Array(update),
    })
    if (!response.ok) throw new Error(`a row was answered with ${response.status}`)
  }
  return docId
}

/** Makes updates with about this many bytes together. */
export function updatesOf(bytes: number): Uint8Array[] {
  const doc = readContent('prosemirror', JSON.stringify(contentOf(bytes)))
  const update = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return splitUpdate(update, Math.min(maxRowBytes, bytes / 4))
}

/** The measured size of one stored chapter, in bytes. */
const chapterBytes = 1_207

function contentOf(bytes: number) {
  const text = (value: string, ...marks: string[]) => ({
    type: 'text',
    text: value,
    marks: marks.map((type) => ({ type })),
  })
  const paragraph = (n: number) => ({
    type: 'paragraph',
    content: [
      text(`Sentence ${n} of an ordinary document, with `),
      text('something bold', 'bold'),
      text(', and then it continues for a while like other sentences. '),
      text('Emphasis', 'italic'),
      text(' ends it.'),
    ],
  })
  const chapter = (n: number) => [
    { type: 'heading', attrs: { level: 2 }, content: [text(`Chapter ${n}`)] },
    paragraph(n),
    paragraph(n + 1),
    {
      type: 'bulletList',
      content: [1, 2].map((item) => ({ type: 'listItem', content: [paragraph(item)] })),
    },
  ]
  const chapters = Math.ceil(bytes / chapterBytes)
  return { type: 'doc', content: Array.from({ length: chapters }, (_, n) => chapter(n)).flat() }
}
