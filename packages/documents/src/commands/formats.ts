import { extname } from 'node:path'
import { DEFAULT_LIMITS } from '@y-electric/server'
import { FORMAT_NAMES, FORMATS, type Format, LINE_ENDS, ROOT_TYPES } from '../documents/index.ts'
import { UsageError } from './arguments.ts'
import { choiceOption, integerOption, textOption } from './options.ts'

/** Formats by file name ending. The first ending of a format names new files. */
const ENDINGS: readonly (readonly [ending: string, format: Format])[] = [
  ['.json', 'json'],
  ['.txt', 'text'],
  ['.html', 'html'],
  ['.htm', 'html'],
  ['.md', 'markdown'],
  ['.markdown', 'markdown'],
  ['.yjs', 'update'],
  ['.bin', 'update'],
  ['.yjs2', 'update-v2'],
]

export const FORMAT = choiceOption<Format>({
  name: 'format',
  placeholder: 'FORMAT',
  summary: FORMAT_NAMES.join(' '),
  values: FORMAT_NAMES,
})

export const IMPORT_FORMATS = FORMAT_NAMES.filter((name) => FORMATS[name].canImport)

export const IMPORT_FORMAT = choiceOption<Format>({
  name: 'format',
  placeholder: 'FORMAT',
  summary: `${IMPORT_FORMATS.join(' ')}; default: by the file ending`,
  values: IMPORT_FORMATS,
})

export const ROOT = textOption({
  name: 'root',
  placeholder: 'NAME',
  summary: 'the shared type that is the content, if it is not clear',
  parse: (text) => text,
})

export const TYPE = choiceOption({
  name: 'type',
  placeholder: 'KIND',
  summary: `the kind of that type: ${ROOT_TYPES.join(' ')}`,
  values: ROOT_TYPES,
})

export const LINE_ENDS_OPTION = choiceOption({
  name: 'line-ends',
  placeholder: 'HOW',
  summary: `line ends of plain text in a text root: ${LINE_ENDS.join(' ')}; default lf`,
  values: LINE_ENDS,
})

export const AT = integerOption({
  name: 'at',
  placeholder: 'SEQ',
  summary: 'the document as of this snapshot row',
  minimum: 0,
})

export const MAX_BYTES = integerOption({
  name: 'max-bytes',
  placeholder: 'N',
  summary: `the largest size of the document in the format, in bytes (${DEFAULT_LIMITS.maxExportBytes})`,
  minimum: 1,
})

/** The format of a file name's ending. @throws {UsageError} if the ending is of no format */
export function formatOfFile(path: string, formats: readonly Format[]): Format {
  const ending = extname(path).toLowerCase()
  const [, format] = ENDINGS.find(([known]) => known === ending) ?? []
  if (format !== undefined && formats.includes(format)) return format
  const what =
    path === '-' ? 'standard input and output have no name' : `"${path}" has none of their endings`
  throw new UsageError(`add --format, because ${what}: ${formats.join(', ')}`)
}
