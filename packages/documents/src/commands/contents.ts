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
import {
  type Argument,
  choiceOption,
  docIdArgument,
  switchOption,
  textArgument,
  textOption,
} from './options.ts'
import { size } from './text.ts'

const ID = docIdArgument('ID', 'the document')
const FILE = textArgument('FILE', 'the content; - is standard input')
const KEEP_HISTORY = switchOption({
  name: 'keep-history',
  summary: 'keep deleted content in every fold',
})

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
      : `${docId}: was already written: nothing was done`
    return { json: outcome, text }
  },
}

const FROM_STORE = choiceOption<StoreName>({
  name: 'from',
  placeholder: 'STORE',
  summary: STORE_NAMES.join(' '),
  values: STORE_NAMES,
})
const TABLE = textOption({
  name: 'table',
  placeholder: 'NAME',
  summary: 'with --from a database: the table, if it has another name',
})
const DRY_RUN = switchOption({
  name: 'dry-run',
  summary: 'with --from: check and compare every document, and store nothing',
})
const TARGET: Argument = {
  name: 'ID',
  summary: 'the document; with --from the file, folder or postgres:// URL of the store',
  required: false,
  problem: () => null,
}
const CONTENT: Argument = { ...FILE, required: false }

/** Exactly the options of the way that was chosen. @throws {UsageError} */
function requireOptionsOf(given: Arguments, from: StoreName | null): void {
  const foreign =
    from === null ? [TABLE, DRY_RUN] : [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_OPTION, KEEP_HISTORY]
  const extra = foreign.find((option) => given.option<unknown>(option) !== option.fallback)
  if (extra !== undefined) {
    throw new UsageError(
      from === null
        ? `--${extra.name} needs --from (see import --help)`
        : `--${extra.name} is for a single file, and --from reads a whole store (see import --help)`,
    )
  }
  if (from !== null && given.argument(CONTENT) !== '') {
    throw new UsageError(`unexpected: ${given.argument(CONTENT)} (see import --help)`)
  }
}

export const importCommand: Command = {
  name: 'import',
  summary: 'create a document from a file, or every document of another product',
  description: `With a file: refuses (document_exists) if anything is stored already. Content of the file that the
document cannot hold is listed on standard error, and as \`losses\` with --json.

With --from: imports every document of a store, under its name there. Each is checked like an edit of a
client, and read back: its state vector, deletes and content must equal those of the source. A document
that is stored already is only compared, so an import can be interrupted and run again. A document that
is refused stays as it was and is listed; the exit code is then 1. The stores are:
${STORE_NAMES.map((name) => `  ${name.padEnd(20)} ${STORES[name].summary}`).join('\n')}
A table without a URL is in the database of DATABASE_URL.`,
  arguments: [TARGET, CONTENT],
  options: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_OPTION, KEEP_HISTORY, FROM_STORE, TABLE, DRY_RUN],
  examples: [
    'import notes notes.yjs',
    'import notes page.html --root default --type xml',
    'import --from hocuspocus-sqlite db.sqlite --dry-run',
    'import --from y-postgresql postgres://localhost/app --table yjs-writings',
  ],
  async run(call) {
    const { arguments: given, io, isJson, withPool } = call
    const from = given.option(FROM_STORE)
    requireOptionsOf(given, from)
    if (from !== null) {
      const [table, dryRun] = [given.option(TABLE), given.required(DRY_RUN)]
      return importStore({ from, place: given.argument(TARGET), table, dryRun }, call)
    }
    const docId = requireArgument(given, TARGET, ID)
    requireArgument(given, CONTENT, FILE)
    const content = await readContent(given, io, CONTENT)
    const keepHistory = given.required(KEEP_HISTORY)
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
function requireArgument(given: Arguments, argument: Argument, rule: Argument): string {
  const text = given.argument(argument)
  if (text === '')
    throw new UsageError(`${rule.name} is missing: ${rule.summary} (see import --help)`)
  const problem = rule.problem(text)
  if (problem !== null) throw new UsageError(problem)
  return text
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
