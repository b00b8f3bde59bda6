// The contenders: each other provider, and our server on each database. Each contender has a server process
// and client processes.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from '../../../test/harness/serverProcess.ts'
import { collectable } from '../memory.ts'
import { type ClientProcess, startClients } from './processes.ts'

export interface Contender {
  readonly name: string
  readonly isOurs: boolean
  /** The command that starts its server. Default: our server. */
  readonly script?: string
  readonly env: Readonly<Record<string, string>>
  /** The path of its {@link ClientModule}. */
  readonly clients: string
  readonly clientImports: readonly string[]
}

const here = import.meta.dirname
export const PEERS_FOLDER = path.resolve(here, '../../peers')
const oneYjs = pathToFileURL(path.join(PEERS_FOLDER, 'one-yjs.mjs')).href

/** Another provider, whose server and clients are in tools/peers. */
export const peer = (
  name: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Contender => ({
  name,
  isOurs: false,
  script: path.join(PEERS_FOLDER, `${file}-server.mjs`),
  // The address is empty, because this server needs no folder of PGlite.
  env: { DATABASE_URL: '', ...env },
  clients: path.join(PEERS_FOLDER, `${file}.mjs`),
  clientImports: [oneYjs],
})

export const ours = (name: string, env: Readonly<Record<string, string>>): Contender => ({
  name,
  isOurs: true,
  env,
  clients: path.join(here, 'ours.ts'),
  clientImports: [],
})

export type FreshServerOptions = Pick<
  ServerProcessOptions,
  'createsDatabase' | 'nodeArguments' | 'env'
>

/** A contender whose processes run. */
export interface Running {
  readonly contender: Contender
  readonly name: string
  readonly server: ServerProcess
  readonly clients: ClientProcess
  /** Runs `use` with a second process of clients. */
  withMoreClients<T>(use: (clients: ClientProcess) => Promise<T>): Promise<T>
  /** Runs `use` with a server that has just started. */
  withFreshServer<T>(
    use: (server: ServerProcess) => Promise<T>,
    options?: FreshServerOptions,
  ): Promise<T>
  /** Returns a value that is created once for this contender: a document with a history, another server. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>
  /** Called in the reverse order when the contender is stopped. */
  onStop(end: () => Promise<void>): void
  stop(): Promise<void>
}

export async function start(contender: Contender): Promise<Running> {
  const { name, env, script, clients: module, clientImports } = contender
  const startServer = (options: FreshServerOptions = {}): Promise<ServerProcess> =>
    startServerProcess({
      ...options,
      nodeArguments: [...collectable.nodeArguments, ...(options.nodeArguments ?? [])],
      env: { ...env, ...options.env },
      ...(script === undefined ? {} : { script }),
    })
  const server = await startServer()
  const clients = startClients(module, clientImports)
  const made = new Map<string, Promise<unknown>>()
  const ends: (() => Promise<void>)[] = [() => server.stop(), () => clients.stop()]
  return {
    contender,
    name,
    server,
    clients,
    async withMoreClients(use) {
      const more = startClients(module, clientImports)
      try {
        return await use(more)
      } finally {
        await more.stop()
      }
    },
    async withFreshServer(use, options) {
      const fresh = await startServer(options)
      try {
        return await use(fresh)
      } finally {
        await fresh.stop()
      }
    },
    once<T>(key: string, make: () => Promise<T>) {
      const value = made.get(key) ?? make()
      made.set(key, value)
      return value as Promise<T>
    },
    onStop: (end) => void ends.push(end),
    async stop() {
      for (const end of ends.toReversed()) await end()
    },
  }
}

export const newDocument = (): string => `peers-${randomUUID()}`
