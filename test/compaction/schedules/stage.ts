// Several connections to one Postgres. A schedule lets one connection at a time run one statement.
//
// The real store uses a pool that makes statements wait until the schedule selects them. Postgres
// (pg_locks) shows whether a statement waits for a lock, so nothing sleeps.
import pg from 'pg'

/** Changes a statement, for example to plant a fault. */
export type Tamper = (
  text: string,
  values: unknown[] | undefined,
  run: (text: string, values?: unknown[]) => Promise<pg.QueryResult>,
) => Promise<pg.QueryResult>

interface Turn {
  readonly label: string
  go(): void
  /** Breaks the connection instead of running the statement. */
  crash(): void
}

/** How long a statement or a verification may take. */
const PATIENCE_MS = 10_000

export class Crashed extends Error {}

export interface Performer {
  readonly name: string
  /** For the real store, and for statements of the test itself. */
  readonly pool: pg.Pool
}

interface Member {
  readonly name: string
  readonly canCrash: boolean
  client: pg.Client | null
  pid: number
  turn: Turn | null
  state: 'thinking' | 'waiting' | 'running' | 'done'
}

/** Connections that schedules use one after the other: opening one costs more than a statement. */
export class Connections {
  readonly #connectionString: string
  readonly #idle: { client: pg.Client; pid: number }[] = []

  constructor(connectionString: string) {
    this.#connectionString = connectionString
  }

  async take(): Promise<{ client: pg.Client; pid: number }> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const client = new pg.Client({ connectionString: this.#connectionString })
    client.on('error', () => {})
    await client.connect()
    // If two statements wait for each other, Postgres should report the deadlock soon.
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pg_backend_pid() AS pid, set_config('deadlock_timeout', '20ms', false)`,
    )
    return { client, pid: rows[0]?.pid ?? 0 }
  }

  async give(client: pg.Client, pid: number): Promise<void> {
    await client.query('ROLLBACK')
    this.#idle.push({ client, pid })
  }

  async close(): Promise<void> {
    for (const { client } of this.#idle.splice(0)) await client.end()
  }
}

export interface StageOptions {
  readonly connections: Connections
  readonly random: () => number
  readonly crashes: number
  readonly tamper?: Tamper | undefined
  /** Called after every statement, when all actors wait or have ended. */
  readonly onStep: () => Promise<void>
}

export class Stage {
  readonly trace: string[] = []
  readonly #options: StageOptions
  readonly #members: Member[] = []
  readonly #plays: Promise<void>[] = []
  #crashesLeft: number
  #isOver = false
  #changed: () => void = () => {}

  constructor(options: StageOptions) {
    this.#options = options
    this.#crashesLeft = options.crashes
  }

  /** Adds an actor. An error of `play` counts as an answer, unless it is an assertion. */
  add(name: string, canCrash: boolean, play: (performer: Performer) => Promise<void>): void {
    const member: Member = { name, canCrash, client: null, pid: 0, turn: null, state: 'thinking' }
    this.#members.push(member)
    const ended = play({ name, pool: this.#poolOf(member) }).finally(async () => {
      member.state = 'done'
      this.#changed()
      const { client, pid } = member
      member.client = null
      if (client !== null) await this.#options.connections.give(client, pid).catch(() => {})
    })
    // The error is reported when all have ended.
    ended.catch(() => {})
    this.#plays.push(ended)
  }

  /** Runs one schedule to its end. */
  async run(): Promise<void> {
    const { random, onStep, connections } = this.#options
    const observer = await connections.take()
    try {
      for (;;) {
        await this.#settle(observer.client)
        await onStep()
        const ready = this.#members.filter(({ state }) => state === 'waiting')
        if (ready.length === 0 && this.#members.every(({ state }) => state === 'done')) break
        const member = ready[Math.floor(random() * ready.length)]
        const turn = member?.turn
        if (member === undefined || turn === null || turn === undefined) continue
        member.turn = null
        if (member.canCrash && this.#crashesLeft > 0 && random() < 0.05) {
          this.#crashesLeft--
          this.trace.push(`${member.name} crashes before ${turn.label}`)
          turn.crash()
        } else {
          this.trace.push(`${member.name}: ${turn.label}`)
          turn.go()
        }
      }
      await Promise.all(this.#plays)
    } finally {
      this.#isOver = true
      for (const { turn, client } of this.#members) {
        turn?.crash()
        await client?.end().catch(() => {})
      }
      await Promise.allSettled(this.#plays)
      await connections.give(observer.client, observer.pid)
    }
  }

  /** Waits until every actor waits for a turn, waits for a lock, or is done. */
  async #settle(observer: pg.Client): Promise<void> {
    const since = performance.now()
    for (;;) {
      if (performance.now() - since > PATIENCE_MS) throw new Error('the schedule is stuck')
      const changed = new Promise<void>((resolve) => {
        this.#changed = resolve
      })
      const running = this.#members.filter(({ state }) => state === 'running')
      if (this.#members.some(({ state }) => state === 'thinking')) {
        await changed
        continue
      }
      if (running.length === 0) return
      const { rows } = await observer.query<{ pid: number }>(
        'SELECT DISTINCT pid FROM pg_locks WHERE NOT granted',
      )
      const blocked = new Set(rows.map(({ pid }) => pid))
      const areBlocked = running.every(({ pid, state }) => state === 'running' && blocked.has(pid))
      const canGoOn = this.#members.some(({ state }) => state === 'waiting')
      if (areBlocked && canGoOn) return
    }
  }

  #poolOf(member: Member): pg.Pool {
    const query = (query: string | pg.QueryConfig, values?: unknown[]) =>
      typeof query === 'string'
        ? this.#query(member, query, values)
        : this.#query(member, query.text, query.values)
    const client = { query, release: () => {}, on: () => {}, off: () => {} }
    return { query, connect: async () => client } as unknown as pg.Pool
  }

  async #query(member: Member, text: string, values?: unknown[]): Promise<pg.QueryResult> {
    if (this.#isOver) throw new Error('the schedule is over')
    await new Promise<void>((go, fail) => {
      member.turn = {
        label: text.trim().replaceAll(/\s+/g, ' ').slice(0, 60),
        go: () => {
          member.state = 'running'
          go()
        },
        crash: () => {
          member.state = 'thinking'
          const dead = member.client
          member.client = null
          // The server notices at once: the socket is closed and the transaction rolled back.
          void Promise.resolve(dead?.end())
            .catch(() => {})
            .then(() => fail(new Crashed('the connection died')))
        },
      }
      member.state = 'waiting'
      this.#changed()
    })
    try {
      const client = await this.#clientOf(member)
      const run = (sql: string, parameters?: unknown[]) => client.query(sql, parameters)
      return await (this.#options.tamper?.(text, values, run) ?? run(text, values))
    } finally {
      member.state = 'thinking'
      this.#changed()
    }
  }

  async #clientOf(member: Member): Promise<pg.Client> {
    if (member.client !== null) return member.client
    const { client, pid } = await this.#options.connections.take()
    member.client = client
    member.pid = pid
    return client
  }
}
