import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../release/stage.ts'
import { readNotes, withTable } from './table.ts'

const page = path.join(root, 'docs/servers.md')
const notes = await readFile(path.join(root, '.artifacts/mounts.tsv'), 'utf8').catch(() => {
  throw new Error('no test has recorded a server: run the tests of test/servers first')
})
await writeFile(page, withTable(await readFile(page, 'utf8'), readNotes(notes)))
