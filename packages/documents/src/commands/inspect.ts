import type { Limits } from '@y-electric/server'
import { FORMAT_NAMES, type Inspection, inspectDocument } from '../documents/index.ts'
import { type Arguments, UsageError } from './arguments.ts'
import type { Command, Outcome } from './command.ts'
import { AT, FORMAT, formatOfFile, MAX_BYTES, ROOT, TYPE } from './formats.ts'
import { warnOfLosses } from './losses.ts'
import { docIdArgument, textOption } from './options.ts'
import { describeStats } from './stats.ts'
import { size } from './text.ts'

const ID = docIdArgument('ID', 'the document')

function limitsOf(given: Arguments): Partial<Limits> {
  const maxExportBytes = given.option(MAX_BYTES)
  return maxExportBytes === null ? {} : { maxExportBytes }
}

const OUT = textOption({
  name: 'out',
  placeholder: 'FILE',
  summary: 'where to write it; - is standard output',
})

export const inspect: Command = {
  name: 'inspect',
  summary: 'print what is in a document, or numbers about it',
  description:
    'Without --format: rows, sizes, writers, shared types and waiting rows. With --json a format that\nis not JSON itself is printed as {mediaType, encoding, body, losses}.\nContent that the format cannot express is listed on standard error.',
  arguments: [ID],
  options: [FORMAT, ROOT, TYPE, AT, MAX_BYTES],
  examples: [
    'inspect notes',
    'inspect notes --format markdown',
    'inspect notes --format json --root settings --type map',
    'inspect notes --format text --at 12',
  ],
  async run({ arguments: given, io, isJson, withPool }): Promise<Outcome> {
    const format = given.option(FORMAT) ?? 'stats'
    const inspection = await withPool((pool) =>
      inspectDocument(pool, given.argument(ID), {
        format,
        root: given.option(ROOT) ?? undefined,
        type: given.option(TYPE) ?? undefined,
        at: given.option(AT) ?? undefined,
        limits: limitsOf(given),
      }),
    )
    const { body, mediaType, losses } = inspection
    // The document's own JSON is printed as it is, and has no place for them.
    if (!isJson || hasJson(mediaType)) warnOfLosses(io, format, losses)
    if (isJson) return { json: jsonOf(inspection), text: null }
    if (format === 'stats') {
      return { json: null, text: describeStats(JSON.parse(String(body)), io.now()) }
    }
    if (typeof body !== 'string') {
      if (io.hasTerminal) {
        throw new UsageError(`${mediaType} is not for a terminal: export writes it to a file`)
      }
      io.write(body)
      return { json: null, text: null }
    }
    return { json: null, text: body }
  },
}

const hasJson = (mediaType: string): boolean => /[/+]json\b/.test(mediaType)

/** JSON as it is; text and bytes with what they are. */
function jsonOf({ mediaType, body, losses }: Inspection): unknown {
  if (typeof body !== 'string') {
    return { mediaType, encoding: 'base64', body: Buffer.from(body).toString('base64') }
  }
  return hasJson(mediaType) ? JSON.parse(body) : { mediaType, encoding: 'utf-8', body, losses }
}

export const exportCommand: Command = {
  name: 'export',
  summary: 'write a document to a file, in any format',
  description:
    'Without --format the file ending decides: .json .txt .html .md .yjs (update) .yjs2 (update-v2).\nAn export as update or update-v2 can be imported again as the same document. Content that\nanother format cannot express is listed on standard error, and as `losses` with --json.',
  arguments: [ID],
  options: [OUT, FORMAT, ROOT, TYPE, AT, MAX_BYTES],
  examples: [
    'export notes --out notes.md',
    'export notes --out notes.yjs',
    'export notes --out - --format html',
  ],
  async run({ arguments: given, io, isJson, withPool }): Promise<Outcome> {
    const out = given.required(OUT)
    if (out === '-' && isJson) {
      throw new UsageError('--json and the document cannot share standard output: name a file')
    }
    const format = given.option(FORMAT) ?? formatOfFile(out, FORMAT_NAMES)
    const docId = given.argument(ID)
    const { mediaType, body, losses } = await withPool((pool) =>
      inspectDocument(pool, docId, {
        format,
        root: given.option(ROOT) ?? undefined,
        type: given.option(TYPE) ?? undefined,
        at: given.option(AT) ?? undefined,
        limits: limitsOf(given),
      }),
    )
    if (!isJson) warnOfLosses(io, format, losses)
    const bytes = Buffer.byteLength(body)
    if (out === '-') {
      io.write(body)
      return { json: null, text: null }
    }
    await io.writeFile(out, body)
    return {
      json: { docId, format, mediaType, file: out, bytes, losses },
      text: `${docId}: ${size(bytes)} of ${format} in ${out}`,
    }
  },
}
