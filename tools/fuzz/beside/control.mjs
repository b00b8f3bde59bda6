// A process that only waits for a timer: the control of the honest requests. How late its timer fires is the
// lag of the machine. On Linux it also reads for how long given processes were ready to run and did not get a
// processor: a process that works is given one later than a process that mostly sleeps.
import { readFileSync } from 'node:fs'

/** How often the timer fires, and the lag that counts, in milliseconds. */
const EVERY_MS = 10
const LATE_MS = 5

const watched = process.argv.slice(2).map((pid) => ({ pid, waited: waitedBy(pid) }))

const now = () => Number(process.hrtime.bigint()) / 1e6

/**
 * How long the main thread of a process has waited for a processor, in milliseconds.
 * @param {string} pid
 */
function waitedBy(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

let due = now() + EVERY_MS

const tick = () => {
  const at = now()
  if (at - due > LATE_MS) process.send?.({ type: 'lag', from: due, until: at })
  for (const one of watched) {
    const waited = waitedBy(one.pid)
    const late = waited - one.waited
    one.waited = waited
    if (late > LATE_MS) process.send?.({ type: 'wait', from: at - late, until: at })
  }
  due = now() + EVERY_MS
  setTimeout(tick, EVERY_MS)
}
setTimeout(tick, EVERY_MS)
process.on('disconnect', () => process.exit(0))
