import {
  keepSnapshot,
  labelSnapshot,
  listSnapshots,
  MAX_LABEL_LENGTH,
  type SnapshotInfo,
} from '@y-electric/server'
import { diffSnapshots, restoreSnapshot } from '../documents/index.ts'
import { UsageError } from './arguments.ts'
import type { Command } from './command.ts'
import { describeDifference } from './difference.ts'
import { docIdArgument, integerOption, seqArgument, switchOption, textOption } from './options.ts'
import { ago, size, table } from './text.ts'

const NOW = 'now'

const ID = docIdArgument('ID', 'the document')
const SEQ = seqArgument('SEQ', 'the seq of a snapshot row (see: snapshots)')
const FROM = seqArgument('FROM', 'the seq of the older snapshot row')
const TO = seqArgument('[TO]', 'the seq of the newer one, or now', [NOW]).default(NOW)
const BY = textOption('--by <NAME>', 'the user who does it, for the record')
const LABEL = textOption('--label <TEXT>', 'the name to keep it under', MAX_LABEL_LENGTH)
const AT = integerOption('--at <SEQ>', 'this snapshot row, instead of the document as it is now', {
  minimum: 0,
})
const NO_LABEL = switchOption(
  '--no-label',
  'with --at: remove the name, so that the row is deleted by age again',
).conflicts(LABEL.attributeName())

export const keep: Command = {
  name: 'keep',
  summary: 'keep a document as it is under a name',
  description: 'A snapshot row with a name is kept until the document is deleted.',
  arguments: [ID],
  options: [LABEL, AT, NO_LABEL, BY],
  examples: [
    'keep notes --label "sent to print"',
    'keep notes --at 12 --label "first draft"',
    'keep notes --at 12 --no-label',
  ],
  async run({ arguments: given, withPool }) {
    const docId = given.argument(ID)
    const at = given.option(AT)
    const isUnnamed = given.option(NO_LABEL)
    if (isUnnamed && at === null) throw new UsageError('--no-label needs --at')
    const label = given.option(LABEL)
    if (!isUnnamed && label === null) throw new UsageError('--label is missing (see keep --help)')
    const kept = await withPool((pool) =>
      label === null
        ? labelSnapshot(pool, docId, Number(at), null)
        : keepSnapshot(pool, docId, {
            label,
            createdBy: given.option(BY),
            at: at ?? undefined,
          }),
    )
    const name = isUnnamed ? 'no longer has a name' : `is kept as "${kept.label}"`
    return { json: kept, text: `${docId}: snapshot row ${kept.seq} ${name}` }
  },
}

const COLUMNS = [
  { heading: 'SEQ', isRight: true },
  { heading: 'KIND' },
  { heading: 'NAME' },
  { heading: 'SIZE', isRight: true },
  { heading: 'WRITTEN' },
  { heading: 'BY' },
]

export const snapshots: Command = {
  name: 'snapshots',
  summary: 'list the versions of a document, newest first',
  description: '`fold`: written by compaction. `kept`: kept by name, to return to.',
  arguments: [ID],
  options: [],
  examples: ['snapshots notes'],
  async run({ arguments: given, io, withPool }) {
    const docId = given.argument(ID)
    const found = await withPool((pool) => listSnapshots(pool, docId))
    const now = io.now()
    const row = ({ seq, kind, label, bytes, createdAt, createdBy }: SnapshotInfo) => [
      String(seq),
      kind,
      label ?? '',
      size(bytes),
      ago(createdAt, now),
      createdBy ?? '',
    ]
    const text =
      found.length === 0 ? `${docId}: no versions are kept` : table(COLUMNS, found.map(row))
    return { json: { snapshots: found }, text }
  },
}

export const diff: Command = {
  name: 'diff',
  summary: 'show the changes between two versions of a document',
  arguments: [ID, FROM, TO],
  options: [],
  examples: ['diff notes 12', 'diff notes 12 15'],
  async run({ arguments: given, withPool }) {
    const to = given.argument(TO)
    const difference = await withPool((pool) =>
      diffSnapshots(pool, given.argument(ID), {
        from: Number(given.argument(FROM)),
        to: to === NOW ? NOW : Number(to),
      }),
    )
    return { json: difference, text: describeDifference(difference) }
  },
}

export const restore: Command = {
  name: 'restore',
  summary: 'bring a document back to an older version',
  description:
    'Writes a new update: every client shows it at once, and concurrent edits are kept. First the previous content is kept by name.',
  arguments: [ID, SEQ],
  options: [BY],
  examples: ['restore notes 12', 'restore notes 12 --by ada'],
  async run({ arguments: given, withPool }) {
    const docId = given.argument(ID)
    const seq = Number(given.argument(SEQ))
    const restored = await withPool((pool) =>
      restoreSnapshot(pool, docId, seq, { createdBy: given.option(BY) }),
    )
    const done =
      restored.seq === null
        ? `is already equal to snapshot row ${seq}`
        : `restored to snapshot row ${seq}; snapshot row ${restored.kept} keeps the previous content`
    return { json: restored, text: `${docId}: ${done}` }
  },
}
