// The part of the reference about the command line, made from the output of `--help --json`.
import { table } from './markdown.ts'

interface Named {
  readonly name: string
  readonly summary: string
}

export interface CommandTable {
  readonly commands: readonly (Named & {
    readonly usage: string
    readonly description: string | null
    readonly arguments: readonly Named[]
    readonly options: readonly Named[]
    readonly examples: readonly string[]
  })[]
  readonly environment: readonly (readonly [name: string, meaning: string])[]
}

export function commandReference({ commands, environment }: CommandTable): string {
  return [
    '## Command line',
    '`npx @y-electric/documents COMMAND` (the program is called `y-electric`; `npx @y-electric/server COMMAND` runs it too). The command uses the database of `DATABASE_URL`, or the embedded data folder, which only one process can use at a time. With `--json` it prints one JSON value on standard output and nothing else, also for errors (`{"error": {"code", "message"}}`). The exit code is 0 after success, 1 after a failure or if a check found a problem, and 2 if the command line or a setting is wrong.',
    table(
      ['command', 'does'],
      commands.map(({ name, summary }) => [`[\`${name}\`](#${name})`, summary]),
    ),
    ...commands.map(section),
    '### Settings',
    table(
      ['variable', ''],
      environment.map(([names, meaning]) => [`\`${names}\``, meaning]),
    ),
  ].join('\n\n')
}

function section(command: CommandTable['commands'][number]): string {
  const { name, summary, description, examples } = command
  const given = [...command.arguments, ...command.options]
  return [
    `### ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}. ${description ?? ''}`.trim(),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
    table(
      ['', ''],
      given.map((one) => [`\`${one.name}\``, one.summary]),
    ),
  ].join('\n\n')
}
