import { DEFAULT_LIMITS } from '@y-electric/server'
import { type Line, LogLimiter } from '@y-electric/server/extension'

/** A log of events that happen often when somebody attacks: one line per kind and interval. */
export interface NoticeLog {
  /** Reports an event. Events with the same text share their lines. */
  notice(text: string): void
}

export interface NoticeLogOptions {
  readonly intervalMs?: number
  readonly write?: (text: string) => void
}

/** The first event of each kind gets a line, then one line per interval counts the others. */
export function createNoticeLog({
  intervalMs = DEFAULT_LIMITS.errorLogIntervalMs,
  write = (text) => console.error(text),
}: NoticeLogOptions = {}): NoticeLog {
  const limiter = new LogLimiter(intervalMs, ['time', 'times'])
  let timer: NodeJS.Timeout | undefined
  const show = (line: Line | null): void => {
    if (line !== null) write(line.text)
  }
  const flushLater = (): void => {
    const at = timer === undefined ? limiter.nextFlushAt() : null
    if (at === null) return
    timer = setTimeout(
      () => {
        timer = undefined
        for (const line of limiter.flush(Date.now())) show(line)
        flushLater()
      },
      Math.max(0, at - Date.now()),
    )
    timer.unref()
  }
  return {
    notice(text) {
      show(limiter.failed({ kind: text, subject: null, text }, Date.now()))
      flushLater()
    },
  }
}
