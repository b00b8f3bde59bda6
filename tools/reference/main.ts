import { writeFile } from 'node:fs/promises'
import { apiReference, referenceFile } from './reference.ts'

await writeFile(referenceFile, await apiReference())
