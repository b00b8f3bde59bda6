import { deleteDocument } from '@y-electric/server'
import { UsageError } from './arguments.ts'
import type { Command } from './command.ts'
import { docIdArgument, switchOption, textOption } from './options.ts'
import { count } from './text.ts'

const ID = docIdArgument('ID', 'the document')
const YES = switchOption({ name: 'yes', summary: 'do not ask' })
const BY = textOption({
  name: 'by',
  placeholder: 'NAME',
  summary: 'who deletes it, for the record',
})

export const deleteCommand: Command = {
  name: 'delete',
  summary: 'delete a document for ever',
  description:
    'All of its rows go in one transaction; what stays is a mark, so that nobody who comes back from\nbeing offline brings it to life again. Asks for its id, unless --yes.',
  arguments: [ID],
  options: [YES, BY],
  examples: ['delete notes', 'delete notes --yes --by ada'],
  async run({ arguments: given, io, isJson, withPool }) {
    const docId = given.argument(ID)
    if (!given.required(YES)) {
      if (isJson || !io.canAsk) throw new UsageError('say --yes: nobody is there to be asked')
      const typed = await io.ask(`This deletes ${docId} for ever. Type its id to go on: `)
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
