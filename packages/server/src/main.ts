#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { compact, DEFAULT_MIN_ROWS } from './commands/compact.ts'
import { serveApi } from './commands/serve.ts'
import { ConfigError, readBackend, readServeConfig } from './config.ts'

const HELP = `y-electric server: collaborative Yjs documents as rows in your own Postgres

  y-electric-server [serve] [--editor DIR]
      Serves the API below /api, and the built editor at / when told where it is.
      PORT (4000)  HOST (127.0.0.1)  AUTHORIZE (path of a module, or allow-all)
      PUBLIC_CACHE=1  a CDN in front may keep answers for everybody

  y-electric-server compact [--doc ID] [--min-rows N] [--dry-run]
      Folds the rows of documents that nobody has open into snapshot rows.
      --doc ID       this document alone
      --min-rows N   leave alone what has fewer new rows (${DEFAULT_MIN_ROWS})
      --dry-run      say what would be done, and do nothing

Both run on PGlite in DATA_DIR (.data), or on DATABASE_URL, with shapes in process or from
ELECTRIC_URL (with ELECTRIC_SECRET, ELECTRIC_SOURCE_ID). Behind a pooler in transaction mode
DATABASE_LISTEN_URL names Postgres itself; PREPARED_STATEMENTS=1 if the pooler knows them.
`

const print = (line: string): void => console.log(line)

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = readArguments(argv)
  const [command = 'serve', ...rest] = positionals
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  if (rest.length > 0) throw new ConfigError(`unexpected: ${rest.join(' ')} (see --help)`)
  const backend = readBackend(process.env)
  switch (command) {
    case 'serve': {
      const editor = values.editor ?? null
      const server = await serveApi({ ...readServeConfig(process.env), backend, editor, print })
      closeOnSignal(server.close)
      return
    }
    case 'compact': {
      const failed = await compact({
        backend,
        docId: values.doc ?? null,
        minRows: readMinRows(values['min-rows']),
        isDryRun: values['dry-run'] ?? false,
        print,
        hasTerminal: process.stdout.isTTY,
      })
      process.exitCode = failed > 0 ? 1 : 0
      return
    }
    default:
      throw new ConfigError(`there is no command "${command}" (see --help)`)
  }
}

function readArguments(args: string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    editor: { type: 'string' },
    doc: { type: 'string' },
    'min-rows': { type: 'string' },
    'dry-run': { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (cause) {
    throw new ConfigError(`${(cause as Error).message} (see --help)`, { cause })
  }
}

function readMinRows(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MIN_ROWS
  const rows = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (rows < 1) throw new ConfigError(`--min-rows must be a number from 1, not "${text}"`)
  return rows
}

function closeOnSignal(close: () => Promise<void>): void {
  let isClosing = false
  const stop = (): void => {
    if (isClosing) return
    isClosing = true
    close().then(() => process.exit(0), fail)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function fail(error: unknown): never {
  if (error instanceof ConfigError) {
    console.error(`y-electric: ${error.message}`)
    process.exit(2)
  }
  console.error('y-electric failed:', error)
  process.exit(1)
}

main(process.argv.slice(2)).catch(fail)
