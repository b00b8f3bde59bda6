import { MIN_FREE_BYTES } from '@y-electric/embedded'
import { DEFAULT_DATA_DIR, DEFAULT_PORT } from '../config.ts'
import type { Command } from './command.ts'
import type { Option } from './options.ts'

export const PROGRAM = 'y-electric'

/** Settings of the environment, with what stands for each. */
export const ENVIRONMENT: readonly (readonly [names: string, meaning: string])[] = [
  [`DATA_DIR (${DEFAULT_DATA_DIR})`, 'where PGlite keeps its rows, when there is no DATABASE_URL'],
  ['DATABASE_URL', 'any Postgres instead'],
  [
    'DATABASE_LISTEN_URL',
    'Postgres itself, where DATABASE_URL leads to a pooler in transaction mode',
  ],
  ['PREPARED_STATEMENTS', '1 if that pooler keeps prepared statements, otherwise 0'],
  ['ELECTRIC_URL', 'shapes from this Electric instead of in process'],
  ['ELECTRIC_SECRET, ELECTRIC_SOURCE_ID', "Electric's own"],
  [`PORT (${DEFAULT_PORT}), HOST (127.0.0.1)`, 'serve: where to listen'],
  [
    'AUTHORIZE',
    'serve: path of a module with the hook, or allow-all; with NODE_ENV=production it must be set',
  ],
  [
    'CORS_ORIGINS',
    'serve: other origins whose pages may use the API, with commas between them, or *',
  ],
  [
    'ALLOWED_HOSTS',
    'serve: host names that it answers to, or *; without AUTHORIZE only addresses and localhost',
  ],
  ['PUBLIC_CACHE=1', 'serve: a CDN in front may keep answers for everybody'],
  [
    `MIN_FREE_BYTES (${MIN_FREE_BYTES})`,
    'PGlite: writes are refused while its disk has less space left',
  ],
]

const ALWAYS: readonly (readonly [string, string])[] = [
  ['--json', 'print one JSON value on standard output and nothing else, errors too'],
  ['-h, --help', 'print this'],
]

/** Help for the whole program. */
export function programHelp(commands: readonly Command[]): string {
  return `${PROGRAM}: collaborative Yjs documents as rows in your own Postgres

Usage: ${PROGRAM} [COMMAND] [ARGUMENTS] [OPTIONS]

Commands
${columns(commands.map((command) => [command.name, command.summary]))}

With every command
${columns(ALWAYS)}

Environment
${columns(ENVIRONMENT)}

${PROGRAM} COMMAND --help says more; serve --help lists every limit. Without a command it serves.
Exit code: 0 done, 1 it failed or what it looked at is not well, 2 the command line or a setting is wrong.
`
}

/** Help for one command. */
export function commandHelp(command: Command): string {
  const { summary, description, examples } = command
  const given = [...command.arguments.map((argument) => [argument.name, argument.summary] as const)]
  const options = [...command.options.map(optionLine), ...ALWAYS]
  const parts = [
    `Usage: ${usage(command)}`,
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.${description === undefined ? '' : `\n${description}`}`,
    ...(given.length > 0 ? [`Arguments\n${columns(given)}`] : []),
    `Options\n${columns(options)}`,
    ...(command.environment ? [`Environment\n${columns(command.environment)}`] : []),
    `Examples\n${examples.map((example) => `  ${PROGRAM} ${example}`.trimEnd()).join('\n')}`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** A command as data: what the API reference is made of. */
export const tableOf = (command: Command) => ({
  name: command.name,
  usage: usage(command),
  summary: command.summary,
  description: command.description ?? null,
  arguments: command.arguments.map(({ name, summary, required }) => ({ name, summary, required })),
  options: [...command.options.map(optionLine), ...ALWAYS].map(([name, summary]) => ({
    name,
    summary,
  })),
  examples: command.examples.map((example) => `${PROGRAM} ${example}`.trimEnd()),
})

/** How a command is typed. */
export function usage(command: Command): string {
  const given = command.arguments.map(({ name, required }) => (required ? name : `[${name}]`))
  return [PROGRAM, command.name, ...given, '[OPTIONS]'].join(' ')
}

/** An option as it is typed, and what it is. */
export function optionLine({
  name,
  placeholder,
  summary,
  fallback,
}: Option<unknown>): readonly [string, string] {
  const isShown = placeholder !== null && fallback !== null
  const typed = placeholder === null ? `--${name}` : `--${name} ${placeholder}`
  return [typed, isShown ? `${summary} (${fallback})` : summary]
}

/** Two columns; a name that is too long has a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const widest = 22
  const width = Math.min(widest, Math.max(...rows.map(([name]) => name.length)))
  return rows
    .map(([name, meaning]) =>
      name.length > width
        ? `  ${name}\n  ${' '.repeat(width)}  ${meaning}`
        : `  ${name.padEnd(width)}  ${meaning}`,
    )
    .join('\n')
}
