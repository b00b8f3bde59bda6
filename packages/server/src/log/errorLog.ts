import type { RequestError } from '../errors.ts'
import { type Failure, type Line, LogLimiter, type Subject } from './limiter.ts'

export interface ErrorLog {
  /** Reports that a request failed and was answered with `refusal`. */
  failed(error: unknown, refusal: RequestError, request: Request): void
  /** Reports that a request has shown that this part works. */
  worked(subject: Subject): void
}

export interface ErrorLogOptions {
  readonly intervalMs: number
  /** Writes a line, and for the first line of an outage also the error. */
  readonly write?: (text: string, error?: unknown) => void
}

/** The log of failures, with at most one line per kind and interval. */
export function createErrorLog({ intervalMs, write = toConsole }: ErrorLogOptions): ErrorLog {
  const limiter = new LogLimiter(intervalMs)
  let timer: ReturnType<typeof setTimeout> | undefined

  const show = (line: Line | null, error?: unknown): void => {
    if (line === null) return
    if (line.isFirst) write(line.text, error)
    else write(line.text)
  }

  /** Schedules the lines that count the last failures, since no further request may come. */
  const flushLater = (): void => {
    if (timer !== undefined) return
    const at = limiter.nextFlushAt()
    if (at === null) return
    timer = setTimeout(
      () => {
        timer = undefined
        for (const line of limiter.flush(Date.now())) show(line)
        flushLater()
      },
      Math.max(0, at - Date.now()),
    )
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref()
  }

  return {
    failed(error, refusal, request) {
      const line = limiter.failed(describe(error, refusal), Date.now())
      const where = `${request.method} ${new URL(request.url).pathname}`
      show(line?.isFirst ? { ...line, text: `${where}: ${line.text}` } : line, error)
      flushLater()
    },
    worked: (subject) => show(limiter.worked(subject, Date.now())),
  }
}

function describe(error: unknown, { code, message }: RequestError): Failure {
  const text = `${code}: ${message}`
  if (code === 'database_unavailable') return { kind: text, subject: 'database', text }
  if (code === 'shape_service_unavailable') return { kind: text, subject: 'shapes', text }
  const place = code === 'internal' ? placeOf(error) : ''
  return {
    kind: `${text} ${place}`,
    subject: null,
    text: place === '' ? text : `${code}: ${place}`,
  }
}

/** The position in the code where an error comes from. Messages cannot identify a kind: they may contain ids. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  const frame = /^\s+at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? ''
  return `${error.name}${code} ${frame}`.trim()
}

function toConsole(text: string, error?: unknown): void {
  if (error === undefined) console.error(text)
  else console.error(`${text}\n`, error)
}
