import { FORMAT_NAMES, type Inspection, inspectDocument } from '../documents/index.ts'
import { UsageError } from './arguments.ts'
import type { Command, Outcome } from './command.ts'
import { AT, FORMAT, formatOfFile, MAX_BYTES, ROOT, TYPE } from './formats.ts'
import { warnOfLosses } from './losses.ts'
import { docIdArgument, requiredTextOption } from './options.ts'
import { describeStats } from './stats.ts'
import { size } from './text.ts'

const ID = docIdArgument('ID', 'the document')

const OUT = requiredTextOption('--out <FILE>', 'the file to write; - is standard output')

export const inspect: Command = {
  name: 'inspect',
  summary: 'print the content of a document, or its statistics',
  description:
    'Without --format: rows, sizes, writers, shared types and waiting rows. With --json a format that is not JSON itself is printed as {mediaType, encoding, body, losses}. Content that the format cannot express is listed on standard error.',
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
        limits: { maxExportBytes: given.option(MAX_BYTES) },
      }),
    )
    const { body, mediaType, losses } = inspection
    // The document's own JSON is printed unchanged, and has no place for losses.
    if (!isJson || hasJson(mediaType)) warnOfLosses(io, format, losses)
    if (isJson) return { json: jsonOf(inspection), text: null }
    if (format === 'stats') {
      return { json: null, text: describeStats(JSON.parse(String(body)), io.now()) }
    }
    if (typeof body !== 'string') {
      if (io.hasTerminal) {
        throw new UsageError(
          `${mediaType} cannot be printed on a terminal: use export to write it to a file`,
        )
      }
      io.write(body)
      return { json: null, text: null }
    }
    return { json: null, text: body }
  },
}

const hasJson = (mediaType: string): boolean => /[/+]json\b/.test(mediaType)

/** JSON unchanged; text and bytes with their media type. */
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
    'Without --format the file ending decides: .json .txt .html .md .yjs (update) .yjs2 (update-v2). An export as update or update-v2 can be imported again as the same document. Content that another format cannot express is listed on standard error, and as `losses` with --json.',
  arguments: [ID],
  options: [OUT, FORMAT, ROOT, TYPE, AT, MAX_BYTES],
  examples: [
    'export notes --out notes.md',
    'export notes --out notes.yjs',
    'export notes --out - --format html',
  ],
  async run({ arguments: given, io, isJson, withPool }): Promise<Outcome> {
    const out = given.option(OUT)
    if (out === '-' && isJson) {
      throw new UsageError(
        '--json and the document cannot share standard output: pass a file to --out',
      )
    }
    const format = given.option(FORMAT) ?? formatOfFile(out, FORMAT_NAMES)
    const docId = given.argument(ID)
    const { mediaType, body, losses } = await withPool((pool) =>
      inspectDocument(pool, docId, {
        format,
        root: given.option(ROOT) ?? undefined,
        type: given.option(TYPE) ?? undefined,
        at: given.option(AT) ?? undefined,
        limits: { maxExportBytes: given.option(MAX_BYTES) },
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
