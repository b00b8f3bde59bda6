// Measures how long a key takes to reach another client, with and without an attack on the server.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import os from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ATTACKS, type AttackName } from './attacks/attacks.ts'
import { openPair, type Pair, untilLength } from './pair.ts'
import { median, p95, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'
import { UsageError } from './usage-error.ts'

/** How long keys are measured without an attack, and then beside it, in seconds. */
const MEASURE_S = 5
/** The milliseconds between two keys of a fast typist. */
const PACE_MS = 100
/** The first keys are slow even without an attack, so keys this long are not counted, in milliseconds. */
const FIRST_KEYS_MS = 1_500
/** The most time for the preparation of an attack, such as writing a large document, in milliseconds. */
const PREPARE_MS = 20_000
/** The time that an attack runs before keys count, in milliseconds. */
const WARM_UP_MS = 2_000
/** The longest time of an honest request during an attack, in milliseconds. */
const STALL_MS = 200
/** The time that counts for a key that has not arrived by then, in milliseconds. */
const GIVE_UP_MS = 5_000
/** The most time for closing providers, in milliseconds. A flooded server may not answer them. */
const CLOSE_MS = 2_000

export interface AttacksOptions {
  /** The attacks to run. Default: all. */
  readonly only?: readonly string[] | undefined
  readonly seconds?: number | undefined
  /** Called with a line for each attack as soon as it is measured. */
  readonly say: (line: string) => void
}

/** @throws {UsageError} if `only` names an attack that does not exist */
export async function benchAttacks(options: AttacksOptions): Promise<Report> {
  const { seconds = MEASURE_S, say } = options
  const names = chooseAttacks(options.only)
  const rows = await onEachTarget(async (target) => {
    const measured: Row[] = []
    for (const name of names) {
      const row = await measureOnServer(target, name, seconds)
      say(describeRow(row))
      measured.push(row)
    }
    return measured
  })
  return {
    title: 'attacks: one key from a provider to another provider during an attack',
    rows: rows.flat(),
    notes: [
      `A key every ${PACE_MS} ms for ${seconds} s before the attack, and then for ${seconds} s during it. Each attack has its own server and its own process.`,
      `A key that does not arrive within ${GIVE_UP_MS / 1_000} s counts as ${GIVE_UP_MS / 1_000} s.`,
      'Server, writer and reader share the processors of this machine. The attacker runs with low priority, since in reality it has its own machine.',
    ],
  }
}

function chooseAttacks(only: readonly string[] | undefined): readonly AttackName[] {
  const all = Object.keys(ATTACKS) as AttackName[]
  if (only === undefined || only.length === 0) return all
  return only.map((given) => {
    const found = all.find((name) => dashed(name) === dashed(given))
    if (found !== undefined) return found
    throw new UsageError(`there is no attack "${given}": it is one of ${all.join(', ')}`)
  })
}

/** One attack that cannot be measured does not end the others. */
async function measureOnServer(target: Target, name: AttackName, seconds: number): Promise<Row> {
  try {
    return await withServer(target, ({ url }) =>
      measureAttack(target, name, `${url}/api`, seconds * 1_000),
    )
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { backend: target.name, attack: name, outcome: `not measured: ${reason}` }
  }
}

function describeRow(row: Row): string {
  const who = `${row.backend}, ${row.attack}:`
  if (row['p95 ms before'] === undefined) return `${who} ${row.outcome}`
  return `${who} p95 ${row['p95 ms before']} ms before, ${row['p95 ms during']} ms during, ratio ${row.ratio}, slowest ${row['slowest ms during']} ms, ${row.keys} keys, ${row.lost} lost`
}

/** @param measureMs the time for which keys are measured before the attack, and then during it */
async function measureAttack(
  target: Target,
  name: AttackName,
  api: string,
  measureMs: number,
): Promise<Row> {
  const pair = await openPair(api)
  try {
    await pressKeys(pair, FIRST_KEYS_MS)
    const before = await pressKeys(pair, measureMs)
    const attacker = await startAttacker(name, api)
    try {
      await pressKeys(pair, WARM_UP_MS)
      const beside = await pressKeys(pair, measureMs)
      return {
        backend: target.name,
        attack: name,
        'p95 ms before': round(p95(before)),
        'median ms during': round(median(beside)),
        'p95 ms during': round(p95(beside)),
        'slowest ms during': round(Math.max(...beside)),
        ratio: round(p95(beside) / p95(before)),
        keys: beside.length,
        lost: beside.filter((ms) => ms >= GIVE_UP_MS).length,
        aim: `ratio ≤ 3, slowest ≤ ${STALL_MS} ms`,
      }
    } finally {
      await stopAttacker(attacker)
    }
  } finally {
    await Promise.race([pair.close(), rest(CLOSE_MS)])
  }
}

async function startAttacker(name: AttackName, api: string): Promise<ChildProcess> {
  const script = path.join(import.meta.dirname, 'attacks/attacker.ts')
  const child = fork(script, [name, api], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const endWithUs = () => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  child.once('exit', () => process.off('exit', endWithUs))
  const late = new AbortController()
  try {
    await Promise.race([
      once(child, 'message', { signal: late.signal }),
      once(child, 'exit', { signal: late.signal }).then(endedEarly),
      rest(PREPARE_MS, late.signal).then(preparedTooLong),
    ])
  } catch (error) {
    await stopAttacker(child)
    throw error
  } finally {
    late.abort()
  }
  // The priority is lowered only now, because the preparation is not measured and should be short.
  if (child.pid !== undefined) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW)
  return child
}

function endedEarly(): never {
  throw new Error('the attacker ended before its attack')
}

function preparedTooLong(): never {
  throw new Error(`the attack was not prepared within ${PREPARE_MS / 1_000} s`)
}

async function stopAttacker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Presses keys for some time. @returns the milliseconds until the reader saw each of them */
async function pressKeys({ written, read }: Pair, forMs: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + forMs
  while (performance.now() < end) {
    const length = written.length + 1
    const began = performance.now()
    written.insert(length - 1, 'k')
    const seen = new AbortController()
    await Promise.race([untilLength(read, length), rest(GIVE_UP_MS, seen.signal).catch(() => {})])
    const took = performance.now() - began
    seen.abort()
    times.push(Math.min(took, GIVE_UP_MS))
    await rest(Math.max(0, PACE_MS - took))
  }
  return times
}

const rest = (ms: number, signal?: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal })

const dashed = (name: string): string => name.replaceAll(' ', '-')
