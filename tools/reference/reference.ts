// Generates docs/api.md from the build: the routes as the server describes them, the commands as `--help
// --json` prints them, the functions as the compiler declares them.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { type CommandTable, commandReference } from './commands.ts'
import { exportsOf, functionReference } from './functions.ts'
import { httpReference } from './http.ts'
import { readOpenApi } from './openApi.ts'

export const root = path.resolve(import.meta.dirname, '../..')
export const referenceFile = path.join(root, 'docs/api.md')

const INTRO = `# API reference

\`npm run docs\` generates this file from the code: change the code, not this file.

- [HTTP](#http): every route
- [Command line](#command-line): every command
- [@y-electric/server](#y-electricserver): the HTTP API, and functions over the stored rows, for back ends
- [@y-electric/documents](#y-electricdocuments): functions over whole documents, for back ends
- [y-electric](#y-electric): the provider`

export async function apiReference(): Promise<string> {
  const [http, commands] = await Promise.all([readOpenApi(), readCommands()])
  const [server = [], documents = [], provider = []] = exportsOf(
    path.join(root, 'packages/server'),
    path.join(root, 'packages/documents'),
    path.join(root, 'packages/y-electric'),
  )
  return `${[
    INTRO,
    httpReference(http),
    commandReference(commands),
    functionReference(
      '@y-electric/server',
      'The HTTP API, and functions over a `pg.Pool`. The functions keep no state between calls, and throw `RequestError` with the codes of the routes.',
      server,
    ),
    functionReference(
      '@y-electric/documents',
      'Functions over a `pg.Pool`, as in `@y-electric/server`, that work with the content of documents, and the routes for them (`documentRoutes`).',
      documents,
    ),
    functionReference('y-electric', 'The provider, for browsers and Node.', provider),
  ].join('\n\n')}\n`
}

async function readCommands(): Promise<CommandTable> {
  const main = path.join(root, 'packages/documents/dist/main.js')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--help', '--json'])
  return JSON.parse(stdout) as CommandTable
}
