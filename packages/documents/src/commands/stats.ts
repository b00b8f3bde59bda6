import type { DocumentStats } from '../documents/index.ts'
import { ago, count, facts, size, table } from './text.ts'

/** How many writers are listed; more are counted. */
const SHOWN_WRITERS = 10

/** A document in numbers, for people. */
export function describeStats(stats: DocumentStats, now: Date): string {
  return [summary(stats, now), roots(stats), writers(stats), snapshots(stats, now)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function summary(stats: DocumentStats, now: Date): string {
  const { segments, pending } = stats
  const folded = segments.folded === null ? 'none folded' : `folded through ${segments.folded}`
  return facts([
    ['document', stats.docId + (stats.at === null ? '' : ` as of snapshot row ${stats.at}`)],
    ['update rows', `${stats.rows.toLocaleString('en')} (${size(stats.bytes)})`],
    ['segments', `${segments.active} is active, ${segments.sealed} sealed, ${folded}`],
    ['first write', ago(stats.createdAt, now)],
    ['last write', ago(stats.changedAt, now)],
    ['structs', stats.structs.toLocaleString('en')],
    ['history', stats.keepHistory ? 'kept' : 'collected by folds'],
    ['deleted', `${count(stats.deleted, 'id')}, of which ${stats.garbage} collected`],
    ['waiting', pending === null ? 'nothing' : waiting(pending)],
    ...(stats.unreadableRows > 0
      ? ([['unreadable', `${count(stats.unreadableRows, 'row')}: see verify`]] as const)
      : []),
  ])
}

function waiting({ structs, deletes, waitsFor }: NonNullable<DocumentStats['pending']>): string {
  const missing = waitsFor.map(
    ({ client, clock, length }) => `${client}:${clock}-${clock + length - 1}`,
  )
  return `${count(structs, 'struct')} and ${count(deletes, 'delete')} for ${missing.join(', ')}`
}

function roots({ roots: all }: DocumentStats): string {
  if (all.length === 0) return ''
  const columns = [
    { heading: 'SHARED TYPE' },
    { heading: 'KIND' },
    { heading: 'SIZE', isRight: true },
    { heading: 'CHARACTERS', isRight: true },
  ]
  return table(
    columns,
    all.map(({ name, type, size: length, characters }) => [
      name === '' ? '(no name)' : name,
      type ?? 'cannot be told',
      String(length),
      String(characters),
    ]),
  )
}

function writers({ writers: all }: DocumentStats): string {
  if (all.length === 0) return ''
  const columns = [
    { heading: 'WRITER' },
    { heading: 'SHARE', isRight: true },
    { heading: 'IDS', isRight: true },
    { heading: 'CHARACTERS', isRight: true },
  ]
  const shown = table(
    columns,
    all
      .slice(0, SHOWN_WRITERS)
      .map(({ client, share, ids, characters }) => [
        String(client),
        `${Math.round(share * 100)} %`,
        String(ids),
        String(characters),
      ]),
  )
  const rest = all.length - SHOWN_WRITERS
  return rest > 0 ? `${shown}\nand ${count(rest, 'writer')} more` : shown
}

function snapshots({ snapshotRows }: DocumentStats, now: Date): string {
  if (snapshotRows.length === 0) return ''
  const columns = [
    { heading: 'SNAPSHOT', isRight: true },
    { heading: 'SIZE', isRight: true },
    { heading: 'REPLACED', isRight: true },
    { heading: 'OF THAT', isRight: true },
    { heading: 'WRITTEN' },
  ]
  return table(
    columns,
    snapshotRows.map(({ seq, bytes, foldedRows, foldedBytes, ratio, createdAt }) => [
      String(seq),
      size(bytes),
      foldedRows === 0 ? '' : `${count(foldedRows, 'row')}, ${size(foldedBytes)}`,
      ratio === null ? '' : `${Math.round(ratio * 100)} %`,
      ago(createdAt, now),
    ]),
  )
}
