import { Argument } from 'commander'
import { docIdProblem } from 'y-electric/protocol'
import { copyDocument, importDocument, seedDocument } from '../documents/index.ts'
import { STORE_NAMES, STORES, type StoreName } from '../stores/index.ts'
import { type Arguments, UsageError } from './arguments.ts'
import type { Command, Io } from './command.ts'
import {
  formatOfFile,
  IMPORT_FORMAT,
  IMPORT_FORMATS,
  LINE_ENDS_OPTION,
  ROOT,
  TYPE,
} from './formats.ts'
import { importStore } from './import-store.ts'
import { warnOfLosses } from './losses.ts'
import { choiceOption, docIdArgument, switchOption, textArgument, textOption } from './options.ts'
import { size } from './text.ts'

const ID = docIdArgument('ID', 'the document')
const FILE = textArgument('FILE', 'the content; - is standard input')
const KEEP_HISTORY = switchOption('--keep-history', 'keep deleted content in every fold')
/** The options of a command that reads one file. */
const FILE_OPTIONS = [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_OPTION, KEEP_HISTORY]

async function readContent(given: Arguments, io: Io, argument: Argument = FILE) {
  const file = given.argument(argument)
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
    'Creates the document once, even if several commands run at the same time, and only if nothing was ever stored. Otherwise it changes nothing, which is not an error. Content of the file that the document cannot hold is listed on standard error.',
  arguments: [ID, FILE],
  options: FILE_OPTIONS,
  examples: ['seed notes welcome.md', 'seed notes - --format text < notes.txt'],
  async run({ arguments: given, io, isJson, withPool }) {
    const docId = given.argument(ID)
    const content = await readContent(given, io)
    const keepHistory = given.option(KEEP_HISTORY)
    const outcome = await withPool((pool) => seedDocument(pool, docId, content, { keepHistory }))
    if (!isJson) warnOfLosses(io, content.format, outcome.losses)
    const text = outcome.seeded
      ? `${docId}: seeded with ${size(content.data.byteLength)} of ${content.format}`
      : `${docId}: was already written: nothing was done`
    return { json: outcome, text }
  },
}

const FROM_STORE = choiceOption(
  '--from <STORE>',
  'import every document of this store',
  STORE_NAMES,
).conflicts(FILE_OPTIONS.map((option) => option.attributeName()))
const TABLE = textOption(
  '--table <NAME>',
  'with --from a database: the table, if it has another name',
)
const DRY_RUN = switchOption(
  '--dry-run',
  'with --from: check and compare every document, and store nothing',
)
const TARGET = new Argument(
  '[ID]',
  'the document; with --from the file, folder or postgres:// URL of the store',
)
const CONTENT = new Argument('[FILE]', FILE.description)

/**
 * Checks the arguments and options that only one form of the command (with or without --from)
 * accepts, where commander has no rule.
 * @throws {UsageError}
 */
function requireWay(given: Arguments, from: StoreName | null): void {
  if (from !== null && given.argument(CONTENT) !== '') {
    throw new UsageError(`unexpected: ${given.argument(CONTENT)} (see import --help)`)
  }
  for (const option of [TABLE, DRY_RUN]) {
    if (from !== null || !given.option<unknown>(option)) continue
    throw new UsageError(`${option.long} needs --from (see import --help)`)
  }
}

export const importCommand: Command = {
  name: 'import',
  summary: 'create a document from a file, or every document of another product',
  description: [
    'With a file: refuses (document_exists) if anything is stored already. Content of the file that the document cannot hold is listed on standard error, and as `losses` with --json.',
    '',
    'With --from: imports every document of a store, under its name there. Each is checked like an edit of a client, and read back: its state vector, deletes and content must equal those of the source. A document that is stored already is only compared, so an import can be interrupted and run again. A document that is refused stays as it was and is listed; the exit code is then 1. The stores are:',
    ...STORE_NAMES.map((name) => `  ${name.padEnd(20)} ${STORES[name].summary}`),
    'A table without a URL is in the database of DATABASE_URL.',
  ].join('\n'),
  arguments: [TARGET, CONTENT],
  options: [...FILE_OPTIONS, FROM_STORE, TABLE, DRY_RUN],
  examples: [
    'import notes notes.yjs',
    'import notes page.html --root default --type xml',
    'import --from hocuspocus-sqlite db.sqlite --dry-run',
    'import --from y-postgresql postgres://localhost/app --table yjs-writings',
  ],
  async run(call) {
    const { arguments: given, io, isJson, withPool } = call
    const from = given.option(FROM_STORE)
    requireWay(given, from)
    if (from !== null) {
      const [table, dryRun] = [given.option(TABLE), given.option(DRY_RUN)]
      return importStore({ from, place: given.argument(TARGET), table, dryRun }, call)
    }
    const docId = requireArgument(given, TARGET, 'the document')
    const problem = docIdProblem(docId)
    if (problem !== null) throw new UsageError(problem)
    requireArgument(given, CONTENT, FILE.description)
    const content = await readContent(given, io, CONTENT)
    const keepHistory = given.option(KEEP_HISTORY)
    const outcome = await withPool((pool) =>
      importDocument(pool, docId, { ...content, keepHistory }),
    )
    if (!isJson) warnOfLosses(io, content.format, outcome.losses)
    return {
      json: outcome,
      text: `${docId}: created from ${size(content.data.byteLength)} of ${content.format}`,
    }
  },
}

/** An argument that is only required without --from. @throws {UsageError} */
function requireArgument(given: Arguments, argument: Argument, meaning: string): string {
  const text = given.argument(argument)
  if (text !== '') return text
  throw new UsageError(`${argument.name()} is missing: ${meaning} (see import --help)`)
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
