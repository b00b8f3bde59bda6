// The control of the honest requests: a process that only waits for a timer. The delay of its timer is the
// lag of the machine. On Linux it also reads how long given processes were ready to run but had no processor.
// The timer alone does not show this, because the system schedules a busy process later than one that mostly
// sleeps.
import { readFileSync } from 'node:fs'

/** The interval of the timer, and the smallest lag that counts, in milliseconds. */
const EVERY_MS = 10
const LATE_MS = 5

const watched = process.argv.slice(2).map((pid) => ({ pid, waited: waitedBy(pid) }))

const now = () => Number(process.hrtime.bigint()) / 1e6

/**
 * The milliseconds for which the main thread of a process has waited for a processor.
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
