import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { statePath, updatesPath } from 'y-electric/protocol'
import { judgeStalls, type Span, STALL_MS } from './stalls.ts'

/** A request of the honest client, and its problem, if it had one. */
interface Asked extends Span {
  readonly problem: string | null
}

/** A measurement of the control process. */
interface Measured extends Span {
  /**
   * `lag`: the timer of the control was late. `wait`: the server, its database or the client waited for a
   * processor.
   */
  readonly type: 'lag' | 'wait'
}

/** An honest client of an attacked server, and a control that measures the machine. */
export interface Beside {
  /** Returns the problem since the last call; null if there was none. */
  takeProblem(): string | null
  figures(): Readonly<Record<string, number | string>>
  close(): Promise<void>
}

/**
 * Starts the honest client and the control as separate processes. The fuzzer runs in the process of the
 * server. This delays the server's answers, but not the clock that measures them.
 * @param backends the processes of the database, if they run on this machine
 */
export async function openBeside(
  api: string,
  { docId = 'honest', backends = [] }: { docId?: string; backends?: readonly number[] } = {},
): Promise<Beside> {
  const requests: Span[] = []
  const lags: Span[] = []
  const waits: Span[] = []
  let problem: string | null = null
  const urls = [`${api}${updatesPath(docId)}`, `${api}${statePath(docId)}`]
  const person = start('person.mjs', urls)
  const control = start('control.mjs', [process.pid, person.pid, ...backends].map(String))
  control.on('message', ({ type, from, until }: Measured) => {
    const spans = type === 'lag' ? lags : waits
    spans.push({ from, until })
  })
  const began = new Promise<void>((resolve, reject) => {
    person.on('message', (asked: Asked) => {
      // The first requests are slow, because the server compiles its code and opens its connections.
      if (asked.problem === null) resolve()
      requests.push({ from: asked.from, until: asked.until })
      problem ??= asked.problem
    })
    person.once('exit', (code) => reject(new Error(`the honest client exited with code ${code}`)))
  })
  try {
    await began
  } catch (error) {
    control.kill()
    throw error
  }
  requests.length = 0
  return {
    takeProblem() {
      const taken = problem
      problem = null
      return taken
    },
    figures() {
      const { ofServer, ofMachine, worst } = judgeStalls(requests, [...lags, ...waits])
      return {
        'honest requests': requests.length,
        [`honest requests stalled over ${STALL_MS} ms`]: ofServer,
        [`honest requests delayed over ${STALL_MS} ms by the machine`]: ofMachine,
        'slowest honest ms': `${Math.round(longest(requests))}`,
        'slowest honest ms, without the lag of the machine': `${Math.round(worst)}`,
        'lag of an idle process ms, worst': `${Math.round(longest(lags))}`,
        'wait for a processor ms, in all': `${Math.round(total(waits))}`,
      }
    },
    close: async () => {
      await Promise.all([stop(person), stop(control)])
    },
  }
}

const longest = (spans: readonly Span[]): number =>
  spans.reduce((most, { from, until }) => Math.max(most, until - from), 0)

const total = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, until }) => sum + until - from, 0)

/** Starts a plain JavaScript file, which runs equally under Vitest and tsx. */
function start(script: string, args: readonly string[]): ChildProcess {
  const child = fork(path.join(import.meta.dirname, script), [...args], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  return ended
}
