import { deleteDocument } from '@y-electric/server'
import { UsageError } from './arguments.ts'
import type { Command } from './command.ts'
import { docIdArgument, switchOption, textOption } from './options.ts'
import { count } from './text.ts'

const ID = docIdArgument('ID', 'the document')
const YES = switchOption('--yes', 'do not ask for confirmation')
const BY = textOption('--by <NAME>', 'the user who deletes it, for the record')

export const deleteCommand: Command = {
  name: 'delete',
  summary: 'delete a document permanently',
  description:
    'Deletes all of its rows in one transaction. A tombstone stays, so that a client that was offline cannot bring the document back. Asks for its id, unless --yes.',
  arguments: [ID],
  options: [YES, BY],
  examples: ['delete notes', 'delete notes --yes --by ada'],
  async run({ arguments: given, io, isJson, withPool }) {
    const docId = given.argument(ID)
    if (!given.option(YES)) {
      if (isJson || !io.canAsk)
        throw new UsageError('cannot ask for confirmation without a terminal: add --yes')
      const typed = await io.ask(`This deletes ${docId} permanently. Type its id to continue: `)
      if (typed.trim() !== docId.trim()) {
        return { json: null, text: 'Nothing was deleted.', failed: true }
      }
    }
    const deletion = await withPool((pool) =>
      deleteDocument(pool, docId, { deletedBy: given.option(BY) }),
    )
    const removed = Object.values(deletion.removed).reduce((sum, rows) => sum + rows, 0)
    return { json: deletion, text: `${docId}: deleted, ${count(removed, 'row')} removed` }
  },
}
