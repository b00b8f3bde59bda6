import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { ChildJob, ChildMessage, ChildResult } from './child.ts'
import type { Failure } from './engine/campaign.ts'
import type { Json } from './engine/target.ts'

/** Limits for a silent child. */
export interface Patience {
  /** The processor time from which an input counts as endless, in seconds. */
  readonly hangSeconds: number
  /** The interval in which a silent child is checked, in milliseconds. */
  readonly lookMs: number
  /** The number of consecutive checks with a sleeping child after which it counts as waiting for ever. */
  readonly idleLooks: number
  /** The most time between the last message of a child and its end, in milliseconds. */
  readonly exitMs: number
}

/**
 * This is longer than the minute after which a child itself reports an input that waits
 * (`engine/campaign.ts`).
 */
const PATIENCE: Patience = { hangSeconds: 40, lookMs: 10_000, idleLooks: 12, exitMs: 10_000 }

/** The memory limit of a target, in MiB. */
const HEAP_MB = 1_536

const CHILD = path.join(import.meta.dirname, 'child.ts')

/** The parts of the supervisor that its tests replace. */
export interface ChildOptions {
  readonly script?: string
  readonly patience?: Patience
}

/** Runs one child until it ends, or ends it. @returns null if the child did not finish its job */
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
 * Waits for the end of the process and returns its cause. It kills the process if it works on one input for
 * too long, is silent without working, or does not end after its last message.
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
      // Only the processor time of the process counts, because a busy machine must not make an input look
      // endless.
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
    // The last message may arrive after the exit event.
    const said = new Promise<void>((tell) => child.once('disconnect', tell))
    void Promise.all([exited, said]).then(([how]) => {
      clearTimeout(timer)
      resolve(killedFor ?? `ends the process (${how})`)
    })
    child.send(job)
  })
}

/**
 * The processor time of a process so far, in seconds, and whether it sleeps. If `ps` has no data, the clock time
 * is used instead.
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

/** Reads the input that was running when the child ended. */
function inputOf(job: { readonly seed: number }, currentFile: string, run: number) {
  try {
    const [line = ''] = readFileSync(currentFile, 'utf8').split('\n', 1)
    const input = JSON.parse(line) as Json
    return { input, seed: job.seed, run }
  } catch {
    return { input: null, seed: job.seed, run }
  }
}
