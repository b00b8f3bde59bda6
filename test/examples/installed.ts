// Installs, checks and builds an example in a folder of its own, as a person does who copies it.
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { type Tarballs, useTarballs } from '../harness/tarballs.ts'
import { root } from '../readme/readme.ts'
import { runCommand } from '../readme/shell.ts'

/** Not copied: a developer may have run the example in this repository. */
const MADE_BY_NPM = new Set(['node_modules', 'dist', '.data', 'package-lock.json'])

/** @returns the folder of the built page */
export async function buildExample(
  name: string,
  parent: string,
  tarballs: Tarballs,
): Promise<string> {
  const app = path.join(parent, name)
  const filter = (file: string) => !MADE_BY_NPM.has(path.basename(file))
  await cp(path.join(root, 'examples', name), app, { recursive: true, filter })
  await useTarballs(path.join(app, 'package.json'), tarballs)
  for (const line of ['npm install --prefer-offline', 'npm run types', 'npm run build']) {
    const { code, output } = await runCommand(line, {}, app)
    if (code !== 0) throw new Error(`${line} in examples/${name} ended with ${code}:\n${output}`)
  }
  return path.join(app, 'dist')
}
