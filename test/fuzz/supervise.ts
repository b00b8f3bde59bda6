import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { ChildJob, ChildMessage, ChildResult } from './child.ts'
import type { Failure } from './engine/campaign.ts'
import type { Json } from './engine/target.ts'

/** An input that takes more processor time than this never ends, for all that anybody waits. */
const HANG_SECONDS = 40
/** How often a silent child is looked at, in milliseconds. */
const LOOK_MS = 10_000
/** Memory that a target may take, in MiB. */
const HEAP_MB = 1_536

/** One child's work. @returns null when it did not come to its end */
export async function runChild(
  job: Omit<ChildJob, 'currentFile'>,
  onFailure: (failure: Failure) => void,
): Promise<{ readonly result: ChildResult | null; readonly runs: number }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'y-electric-fuzz-'))
  const currentFile = path.join(folder, 'input')
  const child = fork(path.join(import.meta.dirname, 'child.ts'), {
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
    const end = await untilEnd(child, { ...job, currentFile }, (message) => {
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

/** Resolves with how the process ended; one that works on one input for too long is killed. */
function untilEnd(
  child: ChildProcess,
  job: ChildJob,
  onMessage: (message: ChildMessage) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let isHung = false
    let worked = 0
    const look = () => {
      // A busy machine is no fault of the input: what counts is the time that the process got.
      const now = processorSeconds(child.pid)
      isHung = now - worked >= HANG_SECONDS
      if (isHung) child.kill('SIGKILL')
      else timer = setTimeout(look, LOOK_MS)
    }
    let timer = setTimeout(look, LOOK_MS)
    child.on('message', (message: ChildMessage) => {
      clearTimeout(timer)
      worked = processorSeconds(child.pid)
      timer = setTimeout(look, LOOK_MS)
      onMessage(message)
    })
    const exited = new Promise<string>((tell) => {
      child.once('exit', (code, signal) => tell(signal === null ? `exit code ${code}` : signal))
    })
    // Its last message may be read after its exit was noticed.
    const said = new Promise<void>((tell) => child.once('disconnect', tell))
    void Promise.all([exited, said]).then(([how]) => {
      clearTimeout(timer)
      resolve(isHung ? `does not end within ${HANG_SECONDS} s` : `ends the process (${how})`)
    })
    child.send(job)
  })
}

/** Processor time that a process took so far, in seconds; where nobody tells, the time. */
function processorSeconds(pid: number | undefined): number {
  try {
    const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' })
    const [seconds = 0, minutes = 0, hours = 0] = text.trim().split(/[:-]/).map(Number).reverse()
    return seconds + 60 * (minutes + 60 * hours)
  } catch {
    return performance.now() / 1_000
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
