import { Command as Parser } from 'commander'
import { type Arguments, UsageError } from './arguments.ts'
import type { Command, Io } from './command.ts'
import { commandNotes, type ParsedCommand, PROGRAM, programNotes } from './help.ts'
import { capitalized } from './text.ts'

export interface Program {
  readonly parser: Parser
  readonly commands: readonly ParsedCommand[]
}

/**
 * Makes a parser of the commands. It passes the named one to `run` with its arguments, or throws a
 * {@link UsageError}.
 */
export function programOf(
  commands: readonly Command[],
  io: Io,
  run: (command: Command, given: Arguments) => Promise<void>,
): Program {
  const program: Parser = refusing(new Parser(PROGRAM), '--help')
    .description('Collaborative Yjs documents as rows in your own Postgres')
    .configureOutput({
      writeOut: (text) => io.write(text),
      outputError: () => {},
      getOutHasColors: () => false,
    })
    .configureHelp({
      helpWidth: io.columns,
      showGlobalOptions: true,
      subcommandTerm: (parser) => parser.name(),
    })
    .helpCommand(false)
    // commander's own help option is only recognized if everything before it is valid.
    .helpOption(false)
    .option('--json', 'print one JSON value on standard output and nothing else, also for errors')
    .option('-h, --help', 'print this help')
    .addHelpText('after', () => programNotes(program))
  const parsed = commands.map((command) => {
    const { name, summary, description } = command
    const parser: Parser = refusing(program.command(name), `${name} --help`)
      .summary(summary)
      .description([`${capitalized(summary)}.`, description].join('\n').trimEnd())
      .addHelpText('after', () => commandNotes(parser, command))
      .action(() => run(command, argumentsOf(parser)))
    for (const argument of command.arguments) parser.addArgument(argument)
    for (const option of command.options) parser.addOption(option)
    return { command, parser }
  })
  return { parser: program, commands: parsed }
}

/** Makes the parser throw a {@link UsageError}, where commander would end the process. */
const refusing = (parser: Parser, help: string): Parser =>
  parser.exitOverride((cause) => {
    const problem = cause.message.replace(/^error: /, '').replace(/\.$/, '')
    throw new UsageError(`${problem} (see ${help})`, { cause })
  })

const argumentsOf = (parser: Parser): Arguments => ({
  option: (option) =>
    parser.getOptionValue(option.attributeName()) ?? (option.isBoolean() ? false : null),
  argument: (argument) => parser.processedArgs[parser.registeredArguments.indexOf(argument)] ?? '',
})

/**
 * Refuses `--label --yes`: commander would take `--yes` for the label.
 * @throws {UsageError}
 */
export function requireValues(parser: Parser, argv: readonly string[]): void {
  const end = argv.indexOf('--') + 1 || argv.length
  for (const option of parser.options.filter(({ required }) => required)) {
    const isSwallowed = (token: string, index: number): boolean =>
      argv[index - 1] === option.long && /^-./.test(token)
    if (!argv.slice(0, end).some(isSwallowed)) continue
    const example = `a value that begins with - is written ${option.long}=-…`
    parser.error(`option '${option.flags}' argument missing; ${example}`)
  }
}
