// Chooses the recording that the benchmarks replay.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type History, loadHistory } from '../../test/harness/history.ts'

const root = path.resolve(import.meta.dirname, '../..')

/**
 * A recording of two simultaneous writers for half an hour, from the public collection. It is not part of the
 * repository.
 */
const twoWriters = path.join(root, '../shared/traces/friendsforever.json.gz')
const shipped = path.join(root, 'test/data/histories/editor-session.json.gz')

export interface Recording {
  readonly name: string
  readonly history: History
}

export async function loadRecording(): Promise<Recording> {
  const file = existsSync(twoWriters) ? twoWriters : shipped
  return { name: path.basename(file, '.json.gz'), history: await loadHistory(file) }
}
