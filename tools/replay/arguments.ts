// The command line of `npm run replay`.
import { parseArgs } from 'node:util'

export interface ReplayArguments {
  readonly trace: string
  readonly docs: number
  /** Undefined starts a server of our own. */
  readonly url: string | undefined
}

/** What the person who typed the command can put right. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export const HELP = `Replays a recorded editing history through real providers, over HTTP.

  npm run replay -- --trace FILE [--docs N] [--url URL]

  --trace FILE  the history, .json or .json.gz: one writer or several at once
  --docs N      into how many documents at the same time (1)
  --url URL     a running server, as http://host:4000 or with its mount point, http://host:4000/api;
                without it a server of our own is started, on the embedded database
  --help        this text

For each document: one provider per writer of the recording, a live reader beside them from the
start, and a cold reader at the end. A writer types as fast as its edits are taken: at most 20 in one
go, and at most 200 that the server has not acknowledged.

Exit code: 0 when all agree with the recorded text, 1 when not, 2 when the command is wrong.`

const mostDocs = 1_000

/** Undefined when help was asked for. */
export function readArguments(argv: readonly string[]): ReplayArguments | undefined {
  const { trace, docs, url, help } = parse(argv)
  if (help) return undefined
  if (trace === undefined || trace === '') throw new UsageError('say which history: --trace FILE')
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
    // Node explains further than one line, for those who wrote the program.
    const [reason] = String(error instanceof Error ? error.message : error).split(/\.\s|\n/)
    throw new UsageError(`${reason} (--help says more)`)
  }
}

function readDocs(text: string): number {
  const docs = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (docs < 1 || docs > mostDocs) {
    throw new UsageError(`--docs should be a number from 1 to ${mostDocs}, but is "${text}"`)
  }
  return docs
}

function readUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new UsageError(`--url should be like http://host:4000, but is "${text}"`)
  }
  return text
}
