import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { ChildJob, ChildMessage, ChildResult } from './child.ts'
import type { Failure } from './engine/campaign.ts'
import type { Json } from './engine/target.ts'

/** How long a child may be silent. */
export interface Patience {
  /** An input that takes more processor time than this never ends, in seconds. */
  readonly hangSeconds: number
  /** How often a silent child is looked at, in milliseconds. */
  readonly lookMs: number
  /** After this many looks in a row that find a silent child asleep, it is taken to wait for ever. */
  readonly idleLooks: number
  /** How long the process of a child may take to end after its last message, in milliseconds. */
  readonly exitMs: number
}

/** A child waits for one input for a minute (`engine/campaign.ts`) before it reports it by itself. */
const PATIENCE: Patience = { hangSeconds: 40, lookMs: 10_000, idleLooks: 12, exitMs: 10_000 }

/** Memory that a target may take, in MiB. */
const HEAP_MB = 1_536

const CHILD = path.join(import.meta.dirname, 'child.ts')

/** What the tests of the supervisor replace. */
export interface ChildOptions {
  readonly script?: string
  readonly patience?: Patience
}

/** One child's work, which always ends. @returns null when it did not come to its end */
export async function runChild(
  job: Omit<ChildJob, 'currentFile'>,
  onFailure: (failure: Failure) => void,
  { script = CHILD, patience = PATIENCE }: ChildOptions = {},
): Promise<{ readonly result: ChildResult | null; readonly runs: number }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'y-electric-fuzz-'))
  const currentFile = path.join(folder, 'input')
  const child = fork(script, {
    execArgv: [...process.execArgv, `--max-old-space-size=${HEAP_MB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const killChild = () => void child.kill('SIGKILL')
  process.once('exit', killChild)
  let runs = 0
  let result: ChildResult | null = null
  let broken: string | null = null
  const report = (failure: Failure) =>
    onFailure(failure.input === null ? { ...failure, ...inputOf(job, currentFile, runs) } : failure)
  try {
    const end = await untilEnd(child, { ...job, currentFile }, patience, (message) => {
      if (message.type === 'running') runs = Math.max(runs, message.runs)
      else if (message.type === 'failure') report(message.failure)
      else if (message.type === 'done') result = message.result
      else broken = message.message
    })
    if (broken !== null) throw new Error(`the fuzzer itself failed: ${broken}`)
    if (result === null) {
      report({ kind: end, message: end, input: null, seed: job.seed, run: runs })
    }
    return { result, runs }
  } finally {
    process.off('exit', killChild)
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Resolves with how the process ended. It is killed when it works on one input for too long, when it waits
 * without working and says nothing, and when it does not end after its last message.
 */
function untilEnd(
  child: ChildProcess,
  job: ChildJob,
  { hangSeconds, lookMs, idleLooks, exitMs }: Patience,
  onMessage: (message: ChildMessage) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let killedFor: string | null = null
    let worked = 0
    let seen = 0
    let idle = 0
    const kill = (why: string) => {
      killedFor = why
      child.kill('SIGKILL')
    }
    const look = () => {
      // A busy machine is no fault of the input: what counts is the time that the process got.
      const { seconds, isAsleep } = stateOf(child.pid)
      idle = isAsleep && seconds - seen < 1 ? idle + 1 : 0
      seen = seconds
      if (seconds - worked >= hangSeconds) kill(`does not end within ${hangSeconds} s`)
      else if (idle >= idleLooks) kill(`waits for ${(idle * lookMs) / 1_000} s and does nothing`)
      else timer = setTimeout(look, lookMs)
    }
    let timer = setTimeout(look, lookMs)
    child.on('message', (message: ChildMessage) => {
      clearTimeout(timer)
      onMessage(message)
      if (message.type === 'done' || message.type === 'broken') {
        timer = setTimeout(() => kill('does not exit'), exitMs)
        return
      }
      worked = stateOf(child.pid).seconds
      idle = 0
      timer = setTimeout(look, lookMs)
    })
    const exited = new Promise<string>((tell) => {
      child.once('exit', (code, signal) => tell(signal === null ? `exit code ${code}` : signal))
    })
    // Its last message may be read after its exit was noticed.
    const said = new Promise<void>((tell) => child.once('disconnect', tell))
    void Promise.all([exited, said]).then(([how]) => {
      clearTimeout(timer)
      resolve(killedFor ?? `ends the process (${how})`)
    })
    child.send(job)
  })
}

/**
 * The processor time that a process took so far, in seconds, and whether it sleeps. Where `ps` cannot tell,
 * the time stands for the processor time.
 */
function stateOf(pid: number | undefined): {
  readonly seconds: number
  readonly isAsleep: boolean
} {
  try {
    const args = ['-o', 'time=,stat=', '-p', String(pid)]
    const [time = '', stat = ''] = execFileSync('ps', args, { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    const [seconds = 0, minutes = 0, hours = 0] = time.split(/[:-]/).map(Number).reverse()
    return { seconds: seconds + 60 * (minutes + 60 * hours), isAsleep: /^[SI]/.test(stat) }
  } catch {
    return { seconds: performance.now() / 1_000, isAsleep: false }
  }
}

/** The input that ran when the child ended. */
function inputOf(job: { readonly seed: number }, currentFile: string, run: number) {
  try {
    const [line = ''] = readFileSync(currentFile, 'utf8').split('\n', 1)
    const input = JSON.parse(line) as Json
    return { input, seed: job.seed, run }
  } catch {
    return { input: null, seed: job.seed, run }
  }
}
