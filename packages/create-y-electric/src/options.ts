/** The arguments of the command. */
import { parseArgs } from 'node:util'

/** The first of each list is the default. */
export const FRAMEWORKS = ['react', 'vue', 'svelte', 'vanilla'] as const
export const EDITORS = ['tiptap', 'codemirror'] as const
/** `node`: a server of its own beside Vite; `next`: Next.js serves the page and the API. */
export const SERVERS = ['node', 'next'] as const

export type Framework = (typeof FRAMEWORKS)[number]
export type Editor = (typeof EDITORS)[number]
export type Server = (typeof SERVERS)[number]

/** The longest name that npm accepts for a package. */
export const MAX_NAME_LENGTH = 214

/** The arguments; one that is not given is undefined. */
export interface Options {
  readonly name: string | undefined
  readonly framework: Framework | undefined
  readonly editor: Editor | undefined
  readonly server: Server | undefined
  readonly help: boolean
}

/** The arguments or the folder are unusable. The message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws {UsageError} for an unknown option, a wrong value, or a name that npm does not accept */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args)
  const [name, ...others] = positionals
  if (others.length > 0) {
    throw new UsageError(`expected one name, not ${positionals.length}: ${positionals.join(' ')}`)
  }
  return {
    name: name === undefined ? undefined : checkName(name),
    framework: oneOf('--framework', FRAMEWORKS, values.framework),
    editor: oneOf('--editor', EDITORS, values.editor),
    server: oneOf('--server', SERVERS, values.server),
    help: values.help ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        framework: { type: 'string' },
        editor: { type: 'string' },
        server: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    const [problem = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ')
    throw new UsageError(problem, { cause })
  }
}

/** Returns the value if it is one of those allowed. @throws {UsageError} */
export function oneOf<T extends string>(
  option: string,
  allowed: readonly T[],
  value: string | undefined,
): T | undefined {
  if (value === undefined) return undefined
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  throw new UsageError(`${option} must be one of ${allowed.join(', ')}, not "${value}"`)
}

/** Checks that the server renders pages of the framework. @throws {UsageError} */
export function checkServer(server: Server, framework: Framework): Server {
  if (server !== 'next' || framework === 'react') return server
  throw new UsageError(`--server next needs --framework react, not "${framework}"`)
}

/**
 * Checks a name, which becomes the name of the folder and of the package.
 * @throws {UsageError} if npm would not accept it
 */
export function checkName(name: string): string {
  if (name.length > MAX_NAME_LENGTH) {
    throw new UsageError(`the name must have at most ${MAX_NAME_LENGTH} characters`)
  }
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || name === 'node_modules') {
    throw new UsageError(
      `"${name}" cannot be the name of a package: use lower-case letters, digits, "-", "_" and ".", such as my-app`,
    )
  }
  return name
}
