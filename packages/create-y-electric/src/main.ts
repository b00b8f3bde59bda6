import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { createApp } from './create.ts'

const { stdin, stdout } = process

const { version } = JSON.parse(
  await readFile(path.join(import.meta.dirname, '../package.json'), 'utf8'),
) as { version: string }

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stdout })
  try {
    // Ctrl-D ends the input without an answer: the default applies.
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    return await Promise.race([terminal.question(question), ended])
  } finally {
    terminal.close()
  }
}

process.exitCode = await createApp(process.argv.slice(2), {
  folder: process.cwd(),
  version,
  ask: stdin.isTTY && stdout.isTTY ? ask : null,
  write: (line) => console.log(line),
  warn: (line) => console.error(line),
})
