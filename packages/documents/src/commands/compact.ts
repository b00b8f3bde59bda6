import { DEFAULT_LIMITS } from '@y-electric/server'
import { type Compactable, compactDocument, listCompactable } from '@y-electric/server/extension'
import { SingleBar } from 'cli-progress'
import type { Call, Command, Outcome } from './command.ts'
import { integerOption, switchOption, textOption } from './options.ts'
import { count, harmlessLine } from './text.ts'

const DOC = textOption('--doc <ID>', 'only this document')
const MIN_ROWS = integerOption('--min-rows <N>', 'skip documents with fewer new rows', {
  minimum: 1,
  maximum: 999_999_999,
  fallback: 20,
})
const DRY_RUN = switchOption('--dry-run', 'print what would be done, and do nothing')

export const compact: Command = {
  name: 'compact',
  summary: 'fold update rows into snapshot rows, for documents that no client has open',
  description:
    'Clients compact the documents that they have open. A document that cannot be compacted stays unchanged and is listed; the others are compacted all the same. The exit code is then 1.',
  arguments: [],
  options: [DOC, MIN_ROWS, DRY_RUN],
  examples: ['compact --dry-run', 'compact --doc notes --min-rows 1'],
  run: ({ arguments: given, isJson, io, withPool }) =>
    withPool(async (pool, description) => {
      const minRows = given.option(MIN_ROWS)
      const documents = await listCompactable(pool, { docId: given.option(DOC), minRows })
      if (!isJson) {
        io.write(`${description}: ${count(documents.length, 'document')} to compact\n`)
      }
      if (given.option(DRY_RUN)) {
        const lines = documents.map((document) => `  ${describe(document)}`)
        return { json: { documents }, text: lines.join('\n') }
      }
      return compactAll(documents, { io, isJson }, (document) =>
        compactDocument(pool, document, minRows, DEFAULT_LIMITS),
      )
    }),
}

async function compactAll(
  documents: readonly Compactable[],
  { io, isJson }: Pick<Call, 'io' | 'isJson'>,
  run: (document: Compactable) => ReturnType<typeof compactDocument>,
): Promise<Outcome> {
  const bar =
    io.hasTerminal && !isJson
      ? new SingleBar({ format: '  {bar} {value}/{total}  {docId}', hideCursor: true })
      : null
  bar?.start(documents.length, 0, { docId: '' })
  const total = { rows: 0, bytesBefore: 0, bytesAfter: 0 }
  const compacted: object[] = []
  const refused: { docId: string; message: string }[] = []
  for (const document of documents) {
    const { docId } = document
    bar?.update({ docId: harmlessLine(docId) })
    const outcome = await run(document).catch((error: unknown) => failureOf(error))
    if (outcome.type === 'refused') refused.push({ docId, message: outcome.detail })
    else {
      const { rows, bytesBefore, bytesAfter } = outcome
      compacted.push({ docId, rows, bytesBefore, bytesAfter })
      total.rows += rows
      total.bytesBefore += bytesBefore
      total.bytesAfter += bytesAfter
      if (bar === null && !isJson) {
        io.write(`  ${docId}: ${rows} rows, ${bytesBefore} -> ${bytesAfter} bytes\n`)
      }
    }
    bar?.increment()
  }
  bar?.stop()
  const sum = `${count(compacted.length, 'document')} compacted: ${count(total.rows, 'row')} folded, ${total.bytesBefore} -> ${total.bytesAfter} bytes`
  const left = refused.map(({ docId, message }) => `  ${docId}: ${message}`)
  const rest = left.length === 0 ? [] : [`${count(left.length, 'document')} left unchanged:`]
  return {
    json: { compacted, refused, ...total },
    text: [sum, ...rest, ...left].join('\n'),
    failed: refused.length > 0,
  }
}

/** A document that fails for any reason does not prevent compacting the others. */
const failureOf = (error: unknown) => ({
  type: 'refused' as const,
  detail: `${error instanceof Error ? error.message : String(error)} (run verify)`,
})

const describe = ({ docId, activeRows, sealedRows }: Compactable): string =>
  `${docId}: ${count(activeRows, 'row')} in the active segment, ${sealedRows} in sealed ones`
