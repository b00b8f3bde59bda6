import type { AlarmRequest } from './steady-clock.ts'

let timer: ReturnType<typeof setTimeout> | undefined

/** The worker of `steady-clock.ts`: posts one message after the most recently requested wait. */
addEventListener('message', ({ data: ms }: MessageEvent<AlarmRequest>) => {
  clearTimeout(timer)
  timer = setTimeout(() => postMessage(null), ms)
})
