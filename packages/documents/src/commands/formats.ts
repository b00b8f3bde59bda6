import { extname } from 'node:path'
import { DEFAULT_LIMITS } from '@y-electric/server'
import { FORMAT_NAMES, FORMATS, type Format, LINE_ENDS, ROOT_TYPES } from '../documents/index.ts'
import { UsageError } from './arguments.ts'
import { choiceOption, integerOption, Option } from './options.ts'

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

export const FORMAT = choiceOption('--format <FORMAT>', 'the format', FORMAT_NAMES)

export const IMPORT_FORMATS = FORMAT_NAMES.filter((name) => FORMATS[name].canImport)

export const IMPORT_FORMAT = choiceOption(
  '--format <FORMAT>',
  'the format; default: by the file ending',
  IMPORT_FORMATS,
)

/** The empty string is a valid name of a root. */
export const ROOT = new Option<string | null>(
  '--root <NAME>',
  'the shared type that is the content, if it is not clear',
)

export const TYPE = choiceOption('--type <KIND>', 'the kind of that type', ROOT_TYPES)

export const LINE_ENDS_OPTION = choiceOption(
  '--line-ends <HOW>',
  'line ends of plain text in a text root; default: lf',
  LINE_ENDS,
)

export const AT = integerOption('--at <SEQ>', 'the document as of this snapshot row', {
  minimum: 0,
})

export const MAX_BYTES = integerOption(
  '--max-bytes <N>',
  'the largest size of the document in the format, in bytes',
  { minimum: 1, fallback: DEFAULT_LIMITS.maxExportBytes },
)

/** The format of a file name's ending. @throws {UsageError} if no format has the ending */
export function formatOfFile(path: string, formats: readonly Format[]): Format {
  const ending = extname(path).toLowerCase()
  const [, format] = ENDINGS.find(([known]) => known === ending) ?? []
  if (format !== undefined && formats.includes(format)) return format
  const what =
    path === '-' ? 'standard input and output have no name' : `"${path}" has none of their endings`
  throw new UsageError(`add --format, because ${what}: ${formats.join(', ')}`)
}
