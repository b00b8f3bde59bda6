// Measures how long a key takes to reach another client, with and without an attack on the server.
import { setTimeout } from 'node:timers/promises'
import { ATTACKS, type AttackName } from './attacks/attacks.ts'
import { startBeside, stopBeside, usedBy } from './attacks/processes.ts'
import { openPair, type Pair, untilLength } from './pair.ts'
import { median, p95, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'
import { UsageError } from './usage-error.ts'

/**
 * The time for which keystrokes are measured without the attack, during it, and beside the control, in each
 * round, in seconds.
 */
const MEASURE_S = 5
/**
 * The number of rounds of these three phases. Several rounds make a change of the machine's load affect all
 * phases.
 */
const ROUNDS = 1
/** The time between two keystrokes of a fast typist, in milliseconds. */
const PACE_MS = 100
/**
 * The first keystrokes are slow even without an attack, so those of this time do not count, in milliseconds.
 */
const FIRST_KEYS_MS = 1_500
/** The time that an attack runs before keys count, in milliseconds. */
const WARM_UP_MS = 2_000
/** The longest time of an honest request during an attack, in milliseconds. */
const STALL_MS = 200
/** A keystroke that has not arrived after this time counts with this time, in milliseconds. */
const GIVE_UP_MS = 5_000
/** The most time for closing providers, in milliseconds. A flooded server may not answer them. */
const CLOSE_MS = 2_000

export interface AttacksOptions {
  /** The attacks to run. Default: all. */
  readonly only?: readonly string[] | undefined
  readonly seconds?: number | undefined
  readonly rounds?: number | undefined
  /** Called with a line for each attack as soon as it is measured. */
  readonly say: (line: string) => void
}

/** @throws {UsageError} if `only` names an attack that does not exist */
export async function benchAttacks(options: AttacksOptions): Promise<Report> {
  const { seconds = MEASURE_S, rounds = ROUNDS, say } = options
  const names = chooseAttacks(options.only)
  const rows = await onEachTarget(async (target) => {
    const measured: Row[] = []
    for (const name of names) {
      const row = await measureOnServer(target, name, { measureMs: seconds * 1_000, rounds })
      say(describeRow(row))
      measured.push(row)
    }
    return measured
  })
  return {
    title: 'attacks: one key from a provider to another provider during an attack',
    rows: rows.flat(),
    notes: [
      `A key every ${PACE_MS} ms, ${rounds} times: ${seconds} s without the attack, ${seconds} s during it, ${seconds} s beside the control. Each attack has its own server and its own process.`,
      'The control is a process that takes as much processor time as the attacker did, and sends nothing: "to control" is the effect of the attack on the server, "ratio" also includes the lost processor time.',
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

/** Reports an attack that cannot be measured, so that the other attacks still run. */
async function measureOnServer(target: Target, name: AttackName, length: Length): Promise<Row> {
  try {
    return await withServer(target, ({ url }) => measureAttack(target, name, `${url}/api`, length))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { backend: target.name, attack: name, outcome: `not measured: ${reason}` }
  }
}

function describeRow(row: Row): string {
  const who = `${row.backend}, ${row.attack}:`
  if (row['p95 ms quiet'] === undefined) return `${who} ${row.outcome}`
  return `${who} p95 ${row['p95 ms quiet']} ms quiet, ${row['p95 ms control']} ms beside the control, ${row['p95 ms during']} ms during, ratio ${row.ratio}, to control ${row['to control']}, slowest ${row['slowest ms during']} ms, ${row.keys} keys, ${row.lost} lost`
}

/** The duration of the measurement of an attack. */
interface Length {
  /** The time for which keystrokes are measured without the attack, during it, and beside the control. */
  readonly measureMs: number
  readonly rounds: number
}

async function measureAttack(
  target: Target,
  name: AttackName,
  api: string,
  { measureMs, rounds }: Length,
): Promise<Row> {
  const pair = await openPair(api)
  const [quiet, beside, control]: [number[], number[], number[]] = [[], [], []]
  const shares: number[] = []
  try {
    await pressKeys(pair, FIRST_KEYS_MS)
    for (let done = 0; done < rounds; done++) {
      quiet.push(...(await pressKeys(pair, measureMs)))
      const attack = await besideAttack(pair, name, api, measureMs)
      beside.push(...attack.times)
      // Requests of the attack that are still in the queues of the server must not affect the control.
      await pressKeys(pair, WARM_UP_MS)
      if (attack.share === null) continue
      shares.push(attack.share)
      control.push(...(await besideControl(pair, attack.share, measureMs)))
    }
    return {
      backend: target.name,
      attack: name,
      'p95 ms quiet': round(p95(quiet)),
      'p95 ms control': control.length > 0 ? round(p95(control)) : 'unknown',
      'median ms during': round(median(beside)),
      'p95 ms during': round(p95(beside)),
      'slowest ms during': round(Math.max(...beside)),
      ratio: round(p95(beside) / p95(quiet)),
      'to control': control.length > 0 ? round(p95(beside) / p95(control)) : 'unknown',
      'attacker processor': shares.length > 0 ? round(median(shares)) : 'unknown',
      keys: beside.length,
      lost: beside.filter((ms) => ms >= GIVE_UP_MS).length,
      aim: `ratio ≤ 3, slowest ≤ ${STALL_MS} ms`,
    }
  } finally {
    await Promise.race([pair.close(), rest(CLOSE_MS)])
  }
}

/**
 * @returns the times of the keystrokes, and the share of a processor that the attacker used; null if unknown
 */
async function besideAttack(
  pair: Pair,
  name: AttackName,
  api: string,
  measureMs: number,
): Promise<{ readonly times: readonly number[]; readonly share: number | null }> {
  const attacker = await startBeside('attacker.ts', [name, api])
  try {
    await pressKeys(pair, WARM_UP_MS)
    const before = usedBy(attacker)
    const began = performance.now()
    const times = await pressKeys(pair, measureMs)
    const used = usedBy(attacker)
    const took = performance.now() - began
    return { times, share: before === null || used === null ? null : (used - before) / took }
  } finally {
    await stopBeside(attacker)
  }
}

async function besideControl(pair: Pair, share: number, measureMs: number): Promise<number[]> {
  const control = await startBeside('control.ts', [String(share)])
  try {
    return await pressKeys(pair, measureMs)
  } finally {
    await stopBeside(control)
  }
}

/** Presses keys for some time. @returns the milliseconds from each keystroke until the reader had it */
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
