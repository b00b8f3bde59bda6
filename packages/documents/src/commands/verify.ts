import { verifyDeleted } from '@y-electric/server'
import { type VerifyReport, verifyDocument } from '../documents/index.ts'
import type { Command, Outcome } from './command.ts'
import { docIdArgument, switchOption } from './options.ts'
import { count, facts } from './text.ts'

const ID = docIdArgument('ID', 'the document')
const REPAIR = switchOption(
  '--repair',
  'move bad rows into ydoc_set_aside, and keep what other rows build on; nothing is destroyed',
)
const SEARCH_OTHERS = switchOption(
  '--search-others',
  'also find rows that another document has too; this reads the row keys of all documents',
)
const DELETED = switchOption(
  '--deleted',
  'prove that nothing is left of a deleted document',
).conflicts([REPAIR, SEARCH_OTHERS].map((option) => option.attributeName()))

export const verify: Command = {
  name: 'verify',
  summary: 'check the stored rows of a document against the rules',
  description:
    'Reports each problem, its row, and what can be done. Changes nothing without --repair. The exit code is 1 if there is a problem.',
  arguments: [ID],
  options: [REPAIR, SEARCH_OTHERS, DELETED],
  examples: [
    'verify notes',
    'verify notes --repair',
    'verify --search-others notes',
    'verify --deleted notes',
  ],
  async run({ arguments: given, withPool }): Promise<Outcome> {
    const docId = given.argument(ID)
    if (given.option(DELETED)) {
      return proveDeleted(await withPool((pool) => verifyDeleted(pool, docId)))
    }
    const [repair, searchOthers] = [given.option(REPAIR), given.option(SEARCH_OTHERS)]
    const report = await withPool((pool) => verifyDocument(pool, docId, { repair, searchOthers }))
    return { json: report, text: describe(report), failed: !report.sound }
  },
}

function describe({ docId, sound, rows, snapshotRows, findings }: VerifyReport): string {
  const read = `${count(rows, 'update row')} and ${count(snapshotRows, 'snapshot row')} read`
  const verdict = sound ? 'sound' : `${count(findings.length, 'finding')}`
  const lines = findings.map(({ code, table, seq, message, remedy, repaired }) =>
    facts([
      [code, seq === null ? table : `${table}, seq ${seq}`],
      ['', message],
      [repaired ? 'repaired' : 'remedy', remedy],
    ]),
  )
  return [`${docId}: ${verdict} (${read})`, ...lines].join('\n\n')
}

function proveDeleted(report: Awaited<ReturnType<typeof verifyDeleted>>): Outcome {
  const { docId, deletedAt, gone, remaining } = report
  const left = Object.entries(remaining)
  const state = deletedAt === null ? 'it was not deleted' : `deleted at ${deletedAt}`
  const verdict = gone ? 'nothing is left of it' : 'rows of it remain'
  const table = facts(left.map(([name, rows]) => [name, count(rows, 'row')]))
  return { json: report, text: `${docId}: ${state}, ${verdict}\n\n${table}`, failed: !gone }
}
