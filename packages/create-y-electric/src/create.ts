/** The command: reads the arguments, asks for those that are missing, and writes the app. */
import path from 'node:path'
import {
  checkName,
  checkServer,
  EDITORS,
  FRAMEWORKS,
  oneOf,
  readOptions,
  SERVERS,
  UsageError,
} from './options.ts'
import { type Choice, planApp } from './plan.ts'
import { writeApp } from './write.ts'

export const HELP = `Makes an app with a collaborative editor whose documents are saved in your own Postgres.

  npm create y-electric [NAME] -- [--framework F] [--editor E] [--server S]

  NAME           the folder and the name of the app (my-app)
  --framework F  ${FRAMEWORKS.join(', ')} (${FRAMEWORKS[0]})
  --editor E     ${EDITORS.join(', ')} (${EDITORS[0]})
  --server S     ${SERVERS.join(', ')} (${SERVERS[0]}); next needs react

In a terminal it asks for what is not given; elsewhere it takes the values in brackets.`

const DEFAULT_NAME = 'my-app'

/** The exit code if the arguments or the folder are unusable. */
const USAGE_EXIT_CODE = 2

export interface World {
  /** The folder in which the app's folder is created. */
  readonly folder: string
  /** The version of our packages. */
  readonly version: string
  /** Asks the user; null without a terminal. */
  readonly ask: ((question: string) => Promise<string>) | null
  readonly write: (line: string) => void
  readonly warn: (line: string) => void
}

/** @returns the exit code: 0, or 2 if nothing was written because of the arguments or the folder */
export async function createApp(args: readonly string[], world: World): Promise<number> {
  try {
    const options = readOptions(args)
    if (options.help) {
      world.write(HELP)
      return 0
    }
    const answer = async (given: string | undefined, question: string, fallback: string) =>
      given ?? ((await world.ask?.(`${question} (${fallback}): `))?.trim() || fallback)
    const name = checkName(await answer(options.name, 'name', DEFAULT_NAME))
    const choose = async <T extends string>(
      given: T | undefined,
      option: string,
      allowed: readonly [T, ...T[]],
    ): Promise<T> => {
      const question = `${option.slice(2)}: ${allowed.join(', ')}`
      const answered = await answer(given, question, allowed[0])
      return oneOf(option, allowed, answered) ?? allowed[0]
    }
    const framework = await choose(options.framework, '--framework', FRAMEWORKS)
    const editor = await choose(options.editor, '--editor', EDITORS)
    // With another framework there is no choice to ask for.
    const server =
      framework === 'react'
        ? await choose(options.server, '--server', SERVERS)
        : checkServer(options.server ?? SERVERS[0], framework)
    const choice: Choice = { name, framework, editor, server }
    await writeApp(path.join(world.folder, name), planApp(choice, world.version))
    world.write(`Made ${name} with ${framework} and ${editor}${server === 'next' ? ' on Next.js' : ''}. Start it:

  cd ${name}
  npm install
  npm run dev

Documents are saved in its folder .data; DATABASE_URL=postgresql://… npm run dev saves them in your Postgres.`)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    world.warn(`create-y-electric: ${error.message} (see --help)`)
    return USAGE_EXIT_CODE
  }
}
