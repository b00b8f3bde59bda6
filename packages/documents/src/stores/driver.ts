import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../config.ts'

/**
 * Loads the first of these packages that is installed: in the project in which the command runs, or else next to this
 * package. This package has no dependency that reads these file formats. A project that has such files usually has one
 * of the packages.
 * @throws {ConfigError} naming the packages, if none is installed
 */
export async function loadDriver(
  what: string,
  packages: readonly string[],
): Promise<{ readonly name: string; readonly module: unknown }> {
  const here = import.meta.url
  const project = pathToFileURL(path.join(process.cwd(), 'package.json'))
  for (const from of [project, here]) {
    for (const name of packages) {
      const found = resolved(from, name)
      if (found !== null) return { name, module: await import(pathToFileURL(found).href) }
    }
  }
  throw new ConfigError(
    `${what} cannot be read without one of these packages: ${packages.join(', ')}. Run the command in the project that wrote it, or install one: npm install ${packages.at(-1)}`,
  )
}

function resolved(from: string | URL, name: string): string | null {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return null
  }
}
