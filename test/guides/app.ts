// The app of a guide in a folder of its own, run by the commands of the page.
import { access, mkdir, writeFile } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { eventually } from '../e2e/eventually.ts'
import { freePort } from '../harness/postgres.ts'
import { type Tarballs, withTarballs } from '../harness/tarballs.ts'
import { type Command, type Environment, runCommand, startCommand } from '../readme/shell.ts'
import type { Stage } from './guide.ts'

export interface GuideApp {
  readonly folder: string
  readonly pageUrl: string
  /** Installs the packages of a stage and writes its files. */
  put(stage: Stage): Promise<void>
  run(line: string): Promise<void>
  /** Starts a server, and waits until it accepts connections. */
  startServer(line: string): Promise<Command>
  /** Starts Vite, at an address that stays the same: a device keeps documents for an address. */
  startPage(): Promise<Command>
  /** Ends everything that was started. */
  close(): Promise<void>
}

/** The ports that the pages name, which other programs of this machine may have. */
const PORTS_OF_PAGES = /\b(?:1234|4000)\b/g

export async function openApp(
  folder: string,
  tarballs: Tarballs,
  world: Environment,
): Promise<GuideApp> {
  await mkdir(folder)
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const [port, pagePort] = await Promise.all([freePort(), freePort()])
  const atPort = (text: string): string => text.replaceAll(PORTS_OF_PAGES, String(port))
  const pageUrl = `http://localhost:${pagePort}/`
  const running: Command[] = []

  /** The page names a database and an Electric, in place of which the test has its own. */
  function readLine(line: string): { command: string; env: Environment } {
    const words = atPort(line).split(' ')
    const isSetting = (word: string): boolean => /^[A-Z_]+=/.test(word)
    const settings = words.filter(isSetting).map((word): [string, string] => {
      const [name = '', ...value] = word.split('=')
      return [name, world[name] ?? value.join('=')]
    })
    const command = words.filter((word) => !isSetting(word)).join(' ')
    return { command, env: { PORT: String(port), ...Object.fromEntries(settings) } }
  }

  async function run(line: string): Promise<void> {
    const { command, env } = readLine(line)
    const { code, output } = await runCommand(command, env, folder)
    if (code !== 0) throw new Error(`${line} ended with ${code}:\n${output}`)
  }

  async function start(line: string, answers: () => Promise<boolean>): Promise<Command> {
    const { command, env } = readLine(line)
    const started = startCommand(command, env, folder)
    running.push(started)
    await eventually(async () => {
      if (started.child.exitCode !== null) throw new Error(`${line} ended: ${started.output()}`)
      return await answers()
    })
    return started
  }

  return {
    folder,
    pageUrl,
    run,
    async put({ installs, files }) {
      for (const line of installs) await run(withTarballs(line, tarballs))
      for (const [name, text] of files) await writeFile(path.join(folder, name), atPort(text))
    },
    startServer: (line) => start(line, () => accepts(port)),
    startPage: () =>
      start(`npx vite --strictPort --port ${pagePort}`, async () => (await fetch(pageUrl)).ok),
    async close() {
      await Promise.all(running.map((command) => command.end()))
    },
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: 'localhost' })
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })

/** The folder of an installed package. */
export async function installedFolder({ folder }: GuideApp, name: string): Promise<string> {
  const installed = path.join(folder, 'node_modules', name)
  await access(installed)
  return installed
}
