// Takes as much processor time as an attacker did, and sends no requests. So the report can distinguish the
// effect of an attack on the server from the effect of any busy process on the measured clients.
import { setTimeout } from 'node:timers/promises'

/** The interval in which this process uses its share of a processor once, in milliseconds. */
const SLICE_MS = 10

const share = Number(process.argv[2])
if (!(share >= 0)) throw new Error('control.ts SHARE')
process.once('disconnect', () => process.exit(1))
process.send?.('attacking')

const usedMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

for (;;) {
  const began = performance.now()
  const until = usedMs() + Math.min(1, share) * SLICE_MS
  while (usedMs() < until);
  // Even at a full share, this process must receive the signal that ends it.
  await setTimeout(Math.max(0, SLICE_MS - (performance.now() - began)))
}
