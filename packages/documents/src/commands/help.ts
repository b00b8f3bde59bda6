import { MIN_FREE_BYTES } from '@y-electric/embedded'
import type { Command as Parser } from 'commander'
import { DEFAULT_DATA_DIR, DEFAULT_PORT } from '../config.ts'
import type { Command } from './command.ts'

export const PROGRAM = 'y-electric'

type Rows = readonly (readonly [names: string, meaning: string])[]

/** Environment settings with their meanings. */
export const ENVIRONMENT: Rows = [
  [`DATA_DIR (${DEFAULT_DATA_DIR})`, 'the data folder of PGlite, if DATABASE_URL is not set'],
  ['DATABASE_URL', 'use this Postgres instead'],
  ['DATABASE_LISTEN_URL', 'Postgres itself, if DATABASE_URL is a pooler in transaction mode'],
  ['PREPARED_STATEMENTS', '1 if that pooler keeps prepared statements, otherwise 0'],
  ['ELECTRIC_URL', 'shapes from this Electric instead of in process'],
  ['ELECTRIC_SECRET, ELECTRIC_SOURCE_ID', "Electric's own"],
  [`PORT (${DEFAULT_PORT}), HOST (127.0.0.1)`, 'serve: the port and address to listen on'],
  [
    'AUTHORIZE',
    'serve: path of a module with the hook, or allow-all; with NODE_ENV=production it must be set',
  ],
  ['CORS_ORIGINS', 'serve: other origins whose pages may use the API, separated by commas, or *'],
  [
    'AGENT_ORIGINS',
    'serve: origins of OpenAI-compatible endpoints that the editor may call, separated by commas',
  ],
  [
    'ALLOWED_HOSTS',
    'serve: host names that the server answers to, or *; without AUTHORIZE only addresses and localhost',
  ],
  ['PUBLIC_CACHE=1', 'serve: a CDN in front may cache answers for everybody'],
  [
    `MIN_FREE_BYTES (${MIN_FREE_BYTES})`,
    'PGlite: writes are refused while its disk has less space left',
  ],
]

/** The end of the help of the program, after the lists of commands and options. */
export const programNotes = (parser: Parser): string =>
  `${environmentOf(parser, ENVIRONMENT)}
${PROGRAM} COMMAND --help describes a command; serve --help lists every limit.
The default command is serve.
Exit code: 0 success, 1 failure or a problem found, 2 the command line
or a setting is wrong.`

/** The end of the help of a command, after the lists of arguments and options. */
export const commandNotes = (parser: Parser, { environment = [], examples }: Command): string =>
  `${environmentOf(parser, environment)}
Examples:
${examples.map((example) => `  ${PROGRAM} ${example}`.trimEnd()).join('\n')}`

function environmentOf(parser: Parser, rows: Rows): string {
  const help = parser.createHelp()
  const width = Math.max(...rows.map(([names]) => names.length))
  const items = rows.map(([names, meaning]) => help.formatItem(names, width, meaning, help))
  return help.formatItemList('\nEnvironment:', items, help).join('\n')
}

/** A command, and the parser that was made of it. */
export interface ParsedCommand {
  readonly command: Command
  readonly parser: Parser
}

/** A command as data, from which the API reference is made. */
export function tableOf({ command, parser }: ParsedCommand) {
  const { name, summary, description = null, examples } = command
  const help = parser.createHelp()
  const options = [...help.visibleOptions(parser), ...help.visibleGlobalOptions(parser)]
  return {
    name,
    usage: help.commandUsage(parser),
    summary,
    description,
    arguments: parser.registeredArguments.map((argument) => ({
      name: argument.name(),
      summary: help.argumentDescription(argument),
      required: argument.required,
    })),
    options: options.map((option) => ({
      name: help.optionTerm(option),
      summary: help.optionDescription(option),
    })),
    examples: examples.map((example) => `${PROGRAM} ${example}`.trimEnd()),
  }
}
