// How long a key takes to somebody else while the server is attacked, and how long without that.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import os from 'node:os'
import path from 'node:path'
import { ATTACKS, type AttackName } from './attacks/attacks.ts'
import { openPair, type Pair, untilLength } from './pair.ts'
import { median, p95, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const KEYS = 60
/** A fast typist, in milliseconds from key to key. */
const PACE_MS = 100
/** How long an attack goes on before it counts, in milliseconds. */
const WARM_UP_MS = 3_000
/** No honest request may take longer beside an attack, in milliseconds. */
const STALL_MS = 200
/** A key that has not arrived by then counts as this long, in milliseconds. */
const GIVE_UP_MS = 20_000
/** So many of those end the measurement. */
const MAX_LOST = 2

export async function benchAttacks(): Promise<Report> {
  return {
    title: 'attacks: one key, from a provider to another provider, beside an attack',
    rows: (await onEachTarget(measureTarget)).flat(),
    notes: [
      `${KEYS} keys, one every ${PACE_MS} ms, without the attack and then beside it; each attack has a server and a process of its own.`,
      `A key that takes longer than ${GIVE_UP_MS / 1_000} s counts as that long, and ${MAX_LOST} of them end the measurement.`,
      'Server, writer and reader share the processors of this machine. The attacker gets what they leave, since in reality it has a machine of its own.',
    ],
  }
}

async function measureTarget(target: Target): Promise<Row[]> {
  const rows: Row[] = []
  for (const name of Object.keys(ATTACKS) as AttackName[]) {
    rows.push(await withServer(target, ({ url }) => measureAttack(target, name, `${url}/api`)))
  }
  return rows
}

/** @param keys how many keys are measured without the attack, and how many beside it */
export async function measureAttack(
  target: Target,
  name: AttackName,
  api: string,
  keys = KEYS,
): Promise<Row> {
  const pair = await openPair(api)
  try {
    // The first keys are slow, whoever is there.
    await pressKeys(pair, keys)
    const before = await pressKeys(pair, keys)
    const attacker = await startAttacker(name, api)
    try {
      const beside = await pressKeys(pair, keys)
      return {
        backend: target.name,
        attack: name,
        'p95 ms without': round(p95(before)),
        'median ms beside': round(median(beside)),
        'p95 ms beside': round(p95(beside)),
        'slowest ms beside': round(Math.max(...beside)),
        ratio: round(p95(beside) / p95(before)),
        lost: beside.filter((ms) => ms >= GIVE_UP_MS).length,
        aim: `ratio ≤ 3, slowest ≤ ${STALL_MS} ms`,
      }
    } finally {
      await stopAttacker(attacker)
    }
  } finally {
    await pair.close()
  }
}

async function startAttacker(name: AttackName, api: string): Promise<ChildProcess> {
  const script = path.join(import.meta.dirname, 'attacks/attacker.ts')
  const child = fork(script, [name, api], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  if (child.pid !== undefined) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW)
  const endWithUs = () => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  child.once('exit', () => process.off('exit', endWithUs))
  await Promise.race([once(child, 'message'), once(child, 'exit').then(endedEarly)])
  await rest(WARM_UP_MS)
  return child
}

function endedEarly(): never {
  throw new Error('the attacker ended before its attack')
}

async function stopAttacker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** How long each key took to be seen by the reader, in milliseconds. */
async function pressKeys(pair: Pair, keys: number): Promise<number[]> {
  const { written, read } = pair
  const times: number[] = []
  while (times.length < keys && times.filter((ms) => ms >= GIVE_UP_MS).length < MAX_LOST) {
    const length = written.length + 1
    const began = performance.now()
    written.insert(length - 1, 'k')
    await Promise.race([untilLength(read, length), rest(GIVE_UP_MS)])
    const took = performance.now() - began
    times.push(Math.min(took, GIVE_UP_MS))
    await rest(Math.max(0, PACE_MS - took))
  }
  return times
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
