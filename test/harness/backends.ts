// Records which databases a run really used. Tests run in separate processes, so they append to a
// file, which test/run.mjs names and reads.
import { appendFile } from 'node:fs/promises'
import type { Pool } from 'pg'

export async function noteBackend(name: string, pool: Pick<Pool, 'query'>): Promise<void> {
  const file = process.env.Y_ELECTRIC_BACKENDS
  if (file === undefined) return
  const { rows } = await pool.query('SHOW server_version')
  const version: unknown = rows[0]?.server_version
  await appendFile(file, `${name} ${version}\n`)
}
