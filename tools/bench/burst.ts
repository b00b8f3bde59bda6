// Measures many edits at once, until the reader has them all.
import { pickBelow, seededRandom } from '../../test/harness/random.ts'
import { openPair, untilLength } from './pair.ts'
import { median, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const edits = 2_000
const runs = 7
const warmUpRuns = 2

const shapes = {
  'typed one after the other': (index: number) => index,
  'scattered over the text': (index: number, random: () => number) => pickBelow(random, index + 1),
} as const

export async function benchBurst(): Promise<Report> {
  return {
    title: `burst: ${edits} single-character edits at once, until the reader has them all`,
    rows: (await onEachTarget(measureTarget)).flat(),
    notes: [
      `Median of ${runs} runs, each in a new document; writer and reader share one process.`,
      'Each edit is a Yjs transaction. “local” is the time in which the writer makes the edits.',
    ],
  }
}

function measureTarget(target: Target): Promise<Row[]> {
  return withServer(target, async ({ url }) => {
    const rows: Row[] = []
    for (const [name, positionOf] of Object.entries(shapes)) {
      const results = []
      for (let run = 0; run < warmUpRuns + runs; run++) {
        const result = await burst(`${url}/api`, positionOf)
        if (run >= warmUpRuns) results.push(result)
      }
      rows.push({
        backend: target.name,
        edits: name,
        'median ms': round(median(results.map(({ ms }) => ms)), 1),
        'worst ms': round(Math.max(...results.map(({ ms }) => ms)), 1),
        'local ms': round(median(results.map(({ localMs }) => localMs)), 1),
        aim: '< 100 ms',
      })
    }
    return rows
  })
}

async function burst(
  mountPoint: string,
  positionOf: (index: number, random: () => number) => number,
): Promise<{ ms: number; localMs: number }> {
  const pair = await openPair(mountPoint)
  try {
    const random = seededRandom(1)
    const arrived = untilLength(pair.read, edits)
    const began = performance.now()
    for (let index = 0; index < edits; index++) {
      pair.written.insert(positionOf(index, random), 'b')
    }
    const localMs = performance.now() - began
    await arrived
    return { ms: performance.now() - began, localMs }
  } finally {
    await pair.close()
  }
}
