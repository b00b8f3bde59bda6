import { copyDocument, importDocument, seedDocument } from '../documents/index.ts'
import type { Arguments } from './arguments.ts'
import type { Command, Io } from './command.ts'
import {
  formatOfFile,
  IMPORT_FORMAT,
  IMPORT_FORMATS,
  LINE_ENDS_OPTION,
  ROOT,
  TYPE,
} from './formats.ts'
import { warnOfLosses } from './losses.ts'
import { docIdArgument, switchOption, textArgument } from './options.ts'
import { size } from './text.ts'

const ID = docIdArgument('ID', 'the document')
const FILE = textArgument('FILE', 'what is to be in it; - is standard input')
const KEEP_HISTORY = switchOption({
  name: 'keep-history',
  summary: 'keep deleted content in every fold',
})

async function readContent(given: Arguments, io: Io) {
  const file = given.argument(FILE)
  const format = given.option(IMPORT_FORMAT) ?? formatOfFile(file, IMPORT_FORMATS)
  return {
    format,
    data: await io.readFile(file),
    root: given.option(ROOT) ?? undefined,
    type: given.option(TYPE) ?? undefined,
    lineEnds: given.option(LINE_ENDS_OPTION) ?? undefined,
  }
}

export const seed: Command = {
  name: 'seed',
  summary: 'give a document its first content, once',
  description:
    'Creates the document once, even if several commands run at the same time, and only if nothing was\never stored. Otherwise it changes nothing, which is not an error. Content of the file that the\ndocument cannot hold is listed on standard error.',
  arguments: [ID, FILE],
  options: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_OPTION, KEEP_HISTORY],
  examples: ['seed notes welcome.md', 'seed notes - --format text < notes.txt'],
  async run({ arguments: given, io, isJson, withPool }) {
    const docId = given.argument(ID)
    const content = await readContent(given, io)
    const keepHistory = given.required(KEEP_HISTORY)
    const outcome = await withPool((pool) => seedDocument(pool, docId, content, { keepHistory }))
    if (!isJson) warnOfLosses(io, content.format, outcome.losses)
    const text = outcome.seeded
      ? `${docId}: seeded with ${size(content.data.byteLength)} of ${content.format}`
      : `${docId}: has been written before, nothing was done`
    return { json: outcome, text }
  },
}

export const importCommand: Command = {
  name: 'import',
  summary: 'make a document of a file, where nothing is stored yet',
  description:
    'Refuses (document_exists) if anything is stored already. Content of the file that the document\ncannot hold is listed on standard error, and as `losses` with --json.',
  arguments: [ID, FILE],
  options: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_OPTION, KEEP_HISTORY],
  examples: ['import notes notes.yjs', 'import notes page.html --root default --type xml'],
  async run({ arguments: given, io, isJson, withPool }) {
    const docId = given.argument(ID)
    const content = await readContent(given, io)
    const keepHistory = given.required(KEEP_HISTORY)
    const outcome = await withPool((pool) =>
      importDocument(pool, docId, { ...content, keepHistory }),
    )
    if (!isJson) warnOfLosses(io, content.format, outcome.losses)
    return {
      json: outcome,
      text: `${docId}: made of ${size(content.data.byteLength)} of ${content.format}`,
    }
  },
}

const FROM = docIdArgument('FROM', 'the document to copy')
const TO = docIdArgument('TO', 'the id of the copy; nothing may be stored there')

export const copy: Command = {
  name: 'copy',
  summary: 'copy a document into a new one',
  arguments: [FROM, TO],
  options: [],
  examples: ['copy notes notes-2026'],
  async run({ arguments: given, withPool }) {
    const [from, to] = [given.argument(FROM), given.argument(TO)]
    const outcome = await withPool((pool) => copyDocument(pool, from, to))
    return { json: outcome, text: `${from}: copied to ${to}` }
  },
}
