// The command line of `npm run replay`.
import { parseArgs } from 'node:util'

export interface ReplayArguments {
  readonly trace: string
  readonly docs: number
  /** The running server; undefined starts a server for this run. */
  readonly url: string | undefined
}

/** An error that the user of the command can correct. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export const HELP = `Replays a recorded editing history through real providers, over HTTP.

  npm run replay -- --trace FILE [--docs N] [--url URL]

  --trace FILE  the history, .json or .json.gz: one writer or several at once
  --docs N      the number of documents to replay into at the same time (1)
  --url URL     a running server, as http://host:4000 or with its mount point, http://host:4000/api;
                without it the command starts a server on the embedded database
  --help        print this text

Each document has one provider per writer of the recording, a live reader from the start, and a cold
reader at the end. A writer types as fast as the server accepts its edits: at most 20 at once, and
with at most 200 that the server has not acknowledged.

Exit code: 0 if all documents agree with the recorded text, 1 if not, 2 if the command line is wrong.`

const mostDocs = 1_000

/** Parses the command line. Returns undefined if it asks for help. */
export function readArguments(argv: readonly string[]): ReplayArguments | undefined {
  const { trace, docs, url, help } = parse(argv)
  if (help) return undefined
  if (trace === undefined || trace === '')
    throw new UsageError('--trace FILE is missing: it names the history to replay')
  return { trace, docs: readDocs(docs ?? '1'), url: readUrl(url) }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        trace: { type: 'string' },
        docs: { type: 'string' },
        url: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    // The message of Node has more lines, which are for the developer of the program.
    const [reason] = String(error instanceof Error ? error.message : error).split(/\.\s|\n/)
    throw new UsageError(`${reason} (see --help)`)
  }
}

function readDocs(text: string): number {
  const docs = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (docs < 1 || docs > mostDocs) {
    throw new UsageError(`--docs must be a number from 1 to ${mostDocs}, not "${text}"`)
  }
  return docs
}

function readUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new UsageError(`--url must be like http://host:4000, not "${text}"`)
  }
  return text
}
