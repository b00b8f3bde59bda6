import { extname } from 'node:path'
import { DEFAULT_LIMITS } from '@y-electric/server'
import { FORMAT_NAMES, FORMATS, type Format, LINE_ENDS, ROOT_TYPES } from '../documents/index.ts'
import { UsageError } from './arguments.ts'
import { choiceOption, integerOption, textOption } from './options.ts'

/** Formats by the ending of a file's name. The first ending of a format names new files. */
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
  summary: `${IMPORT_FORMATS.join(' ')}; without it the file's ending says`,
  values: IMPORT_FORMATS,
})

export const ROOT = textOption({
  name: 'root',
  placeholder: 'NAME',
  summary: 'the shared type that is the content, where it cannot be told',
  parse: (text) => text,
})

export const TYPE = choiceOption({
  name: 'type',
  placeholder: 'KIND',
  summary: `what kind that is: ${ROOT_TYPES.join(' ')}`,
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
  summary: 'as it was in this snapshot row',
  minimum: 0,
})

export const MAX_BYTES = integerOption({
  name: 'max-bytes',
  placeholder: 'N',
  summary: `how large the document may be in the format (${DEFAULT_LIMITS.maxExportBytes})`,
  minimum: 1,
})

/** The format that a file's name tells. @throws {UsageError} when it tells none of them */
export function formatOfFile(path: string, formats: readonly Format[]): Format {
  const ending = extname(path).toLowerCase()
  const [, format] = ENDINGS.find(([known]) => known === ending) ?? []
  if (format !== undefined && formats.includes(format)) return format
  const what = path === '-' ? 'standard input and output have no name' : `"${path}" does not tell`
  throw new UsageError(`say which --format it is, ${what}: ${formats.join(', ')}`)
}
