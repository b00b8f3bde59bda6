// Starts the process that runs beside the measured clients: an attacker, or the control that only takes
// processor time.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** The most time for the preparation of an attack, such as writing a large document, in milliseconds. */
const PREPARE_MS = 20_000

/** Starts a script of this folder with low priority. Resolves when its preparation is done. */
export async function startBeside(script: string, args: readonly string[]): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, script), [...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const endWithUs = () => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  child.once('exit', () => process.off('exit', endWithUs))
  const late = new AbortController()
  try {
    await Promise.race([
      once(child, 'message', { signal: late.signal }),
      once(child, 'exit', { signal: late.signal }).then(endedEarly),
      setTimeout(PREPARE_MS, undefined, { signal: late.signal }).then(preparedTooLong),
    ])
  } catch (error) {
    await stopBeside(child)
    throw error
  } finally {
    late.abort()
  }
  // The preparation ran with normal priority: it is not measured and should be short.
  if (child.pid !== undefined) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW)
  return child
}

export async function stopBeside(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** The unit of processor times in `/proc`, in milliseconds. */
const TICK_MS = 10

/**
 * The processor time that a process has used so far, in milliseconds; null if the system has no file for it.
 * The process is not asked, because it may be too busy to answer.
 */
export function usedBy({ pid }: ChildProcess): number | null {
  try {
    // The name of the process, in parentheses, may contain anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').trim().split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return null
  }
}

function endedEarly(): never {
  throw new Error('the attacker ended before its attack')
}

function preparedTooLong(): never {
  throw new Error(`the attack was not prepared within ${PREPARE_MS / 1_000} s`)
}
