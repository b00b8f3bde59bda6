// Records the servers that tests ran with two people. `npm run docs:mounts` writes the table of
// docs/servers.md from these records.
import { appendFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { artifactPath } from './artifacts.ts'

/** Called at the end of a test that has passed. */
export async function noteMount(server: string, version: string): Promise<void> {
  const file = artifactPath('mounts.tsv')
  await mkdir(path.dirname(file), { recursive: true })
  await appendFile(file, `${server}\t${version}\t${new Date().toISOString().slice(0, 10)}\n`)
}
