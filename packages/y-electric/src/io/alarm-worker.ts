import type { AlarmRequest } from './steady-clock.ts'

let timer: ReturnType<typeof setTimeout> | undefined

/** The worker of `steady-clock.ts`: rings once, after the wait that was asked for last. */
addEventListener('message', ({ data: ms }: MessageEvent<AlarmRequest>) => {
  clearTimeout(timer)
  timer = setTimeout(() => postMessage(null), ms)
})
