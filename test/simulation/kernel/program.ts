// Bundles a program of this repository from its source and compiles it as a function. So the program uses the
// timers of the simulation, and mutants can be planted in it. The bundle contains every mutant behind a
// condition; `MUTANT` names the active one.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'
import { compileModule, type VirtualGlobals } from './globals.ts'

export const PACKAGES = path.resolve(import.meta.dirname, '../../../packages')

/** A change of the source in one position. */
export interface Mutation {
  /** The file, below `packages`. */
  readonly file: string
  /** The text that is replaced. It must occur exactly once. */
  readonly find: string
  /** The replacement. `isOn` is an expression that is true while the mutant is active. */
  readonly put: (isOn: string) => string
}

export interface ProgramOptions {
  readonly entry: string
  /** The mutations by name. */
  readonly mutants: Readonly<Record<string, Mutation>>
  /** Files that are replaced completely. */
  readonly replaced?: Readonly<Record<string, string>>
}

export type Program = (globals: VirtualGlobals, mutant: string | null) => Record<string, unknown>

export async function compileProgram(options: ProgramOptions): Promise<Program> {
  const { entry, mutants, replaced = {} } = options
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'import.meta.url': JSON.stringify('file:///simulated.js') },
    plugins: [{ name: 'mutants', load: (id) => sourceOf(id, mutants, replaced) }],
    build: {
      ssr: path.join(PACKAGES, entry),
      write: false,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { format: 'cjs', codeSplitting: false } },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  const chunk = output !== undefined && 'output' in output ? output.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error(`${entry} was not built`)
  const modules = new Map<string, unknown>()
  for (const name of chunk.imports) {
    const module = (await import(name)) as Record<string, unknown>
    // A bundle takes everything that `require` returns for the default export of a module.
    modules.set(name, typeof module.default === 'function' ? module.default : module)
  }
  const require = (name: string): unknown => {
    if (!modules.has(name)) throw new Error(`${entry} requires ${name}, which it does not import`)
    return modules.get(name)
  }
  const evaluate = compileModule(chunk.code, `simulated:${entry}`)
  return (globals, mutant) => evaluate({ ...globals, MUTANT: mutant }, require)
}

function sourceOf(
  id: string,
  mutants: ProgramOptions['mutants'],
  replaced: Readonly<Record<string, string>>,
): string | null {
  const file = path.relative(PACKAGES, id)
  const whole = replaced[file]
  if (whole !== undefined) return whole
  const own = Object.entries(mutants).filter(([, mutation]) => mutation.file === file)
  if (own.length === 0) return null
  let source = readFileSync(id, 'utf8')
  for (const [name, { find, put }] of own) {
    if (source.split(find).length !== 2) {
      throw new Error(`the text of the mutant "${name}" is not in ${file} exactly once: ${find}`)
    }
    const isOn = `(MUTANT === ${JSON.stringify(name)})`
    source = source.replace(find, () => put(isOn))
  }
  return `declare const MUTANT: string | null\n${source}`
}
