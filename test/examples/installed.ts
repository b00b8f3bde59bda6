// Installs, checks and builds an example in a folder of its own, and runs it, as a person does who copies it.
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../harness/postgres.ts'
import { type Tarballs, useTarballs } from '../harness/tarballs.ts'
import { root } from '../readme/readme.ts'
import { addressIn, type Command, runCommand, startCommand } from '../readme/shell.ts'

/** Not copied: a developer may have run the example in this repository. */
const MADE_BY_NPM = new Set(['node_modules', 'dist', '.data', 'package-lock.json'])

/** @returns the folder of the app; its page is built in `dist` */
export async function installExample(
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
  return app
}

/** The commands that show the page of an example, and how each prints the address of the page. */
const ADDRESSES = {
  'npm run dev': /Local:\s+(http:\/\/localhost:\d+)/,
  'npm start': /(http:\/\/127\.0\.0\.1:\d+)/,
} as const

export interface RunningExample {
  readonly command: Command
  /** The address of the page. */
  readonly url: string
}

export async function runExample(
  app: string,
  line: keyof typeof ADDRESSES,
): Promise<RunningExample> {
  const command = startCommand(line, { PORT: String(await freePort()) }, app)
  return { command, url: await addressIn(command, ADDRESSES[line]) }
}
