import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Failure } from './campaign.ts'
import type { Json } from './target.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const corpusFolder = path.join(root, 'tools/fuzz/corpus')
/** The folder for findings, which git ignores. */
const findingsFolder = path.join(root, '.artifacts/fuzz')

/** Reads the corpus of a target: inputs in the repository that once broke something. */
export function readCorpus(target: string): Json[] {
  const folder = path.join(corpusFolder, target)
  return namesIn(folder).map((name) => readInput(path.join(folder, name)))
}

/** Reads the input in a file of the corpus or of a finding. */
export function readInput(file: string): Json {
  const content = JSON.parse(readFileSync(file, 'utf8')) as { input: Json }
  return content.input
}

/** Writes a finding to a file. @returns its path for the command line */
export function writeFailure(target: string, failure: Failure): string {
  const folder = path.join(findingsFolder, target)
  mkdirSync(folder, { recursive: true })
  const hash = createHash('sha256').update(failure.kind).digest('hex').slice(0, 12)
  const file = path.join(folder, `${hash}.json`)
  writeFileSync(file, `${JSON.stringify(failure, null, 2)}\n`)
  return path.relative(root, file)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
  } catch {
    return []
  }
}
