// Chooses the Chromium for the browser tests: the machine's own if there is one, otherwise the one
// from npm.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { buildOnce } from './buildOnce.ts'
import { fontEnvironment } from './fonts.ts'

const run = promisify(execFile)

export interface ChromiumBinary {
  readonly executablePath: string
  /** Environment variables that the process needs in addition to ours. */
  readonly env: Record<string, string>
}

const systemNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]
const macPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

export async function findChromium(): Promise<ChromiumBinary> {
  const { executablePath, env } = await findExecutable()
  return { executablePath, env: { ...env, ...(await fontEnvironment()) } }
}

async function findExecutable(): Promise<ChromiumBinary> {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) {
    if (existsSync(chosen)) return { executablePath: chosen, env: {} }
    throw new Error(`CHROMIUM_PATH names a file that does not exist: ${chosen}`)
  }
  const system = findOnSystem()
  return system ? { executablePath: system, env: {} } : unpackChromium()
}

function findOnSystem(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin', '/snap/bin']
  const candidates = folders
    .filter((folder) => folder !== '')
    .flatMap((folder) => systemNames.map((name) => path.join(folder, name)))
  return [...candidates, ...(os.platform() === 'darwin' ? macPaths : [])].find(existsSync)
}

/**
 * The packed Chromium, unpacked once for each version. This build is made for AWS Lambda and includes the
 * libraries (NSS and others) that a machine without a browser lacks.
 */
export async function unpackChromium(into: string = os.tmpdir()): Promise<ChromiumBinary> {
  if (os.platform() !== 'linux' || os.arch() !== 'x64') {
    throw new Error('no Chromium was found: install one, or set CHROMIUM_PATH to its executable')
  }
  const name = `y-electric-chromium-${packedVersion()}`
  const folder = await buildOnce(path.join(into, name), unpackInto)
  const executablePath = path.join(folder, 'chromium')
  const env: Record<string, string> = {}
  // The browser uses the machine's own libraries if it can, because those of another distribution may not
  // work there.
  if (await lacksLibraries(executablePath)) {
    const inherited = process.env.LD_LIBRARY_PATH
    const bundled = path.join(folder, 'al2023', 'lib')
    env.LD_LIBRARY_PATH = inherited ? `${bundled}:${inherited}` : bundled
  }
  return { executablePath, env }
}

function packedVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const found = /@sparticuz[\\/]chromium[\\/]/.exec(entry)
  if (!found) throw new Error(`@sparticuz/chromium has an unexpected path: ${entry}`)
  const packageDir = entry.slice(0, found.index + found[0].length)
  const manifest: { version: string } = createRequire(import.meta.url)(`${packageDir}package.json`)
  return manifest.version
}

/**
 * The package unpacks directly into os.tmpdir() and treats any existing file as complete. If two processes
 * started at once, the second one would run a partial browser.
 */
async function unpackInto(folder: string): Promise<void> {
  const script =
    'import chromium from "@sparticuz/chromium"; await chromium.executablePath(); process.exit(0)'
  await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    // The package unpacks its libraries only if the environment looks like Lambda.
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
  })
}

async function lacksLibraries(executable: string): Promise<boolean> {
  // Without ldd this process cannot check the libraries of the machine, so it uses the bundled ones.
  const answer = await run('ldd', [executable]).catch(() => ({ stdout: 'not found' }))
  return answer.stdout.includes('not found')
}
