import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnswerContext, pause, SourceError, type TextSource } from './sources.ts'

export interface Endpoint {
  readonly baseUrl: string
  readonly model: string
  readonly key: string
}

/** The most characters of the document that are sent. */
const MOST_CONTEXT = 60_000
/** The endpoint is given up if it sends nothing for this long, in milliseconds. */
const STALL_MS = 60_000
/** How long after a failed request the browser may report that the page's policy forbids it, in milliseconds. */
const REPORT_MS = 250

const TASK =
  'You write into a document that several people edit. Your answer is inserted into it as it is. Write plain text without Markdown, and begin a new line for each paragraph. Do not repeat the document or the request.'
const CONTINUE =
  'Your answer was interrupted there. Continue with the next character, and repeat nothing.'

/** Answers with a model behind an OpenAI-compatible endpoint. */
export const byEndpoint = (endpoint: Endpoint, stallMs = STALL_MS): TextSource =>
  async function* (prompt, context, signal) {
    const patience = new Patience(stallMs, signal)
    try {
      const body = { model: endpoint.model, stream: true, messages: messagesOf(prompt, context) }
      const response = await post(endpoint, body, patience.signal)
      patience.renew()
      if (!response.ok) throw new SourceError(await refusalOf(response))
      yield* deltasOf(response, patience)
    } catch (error) {
      if (patience.hasEnded) {
        throw new SourceError(
          `The endpoint sent nothing for ${Math.round(stallMs / 1_000)} seconds. Press “Continue” to try again.`,
        )
      }
      throw error
    } finally {
      patience.end()
    }
  }

/** The messages for the model. An answer that was interrupted is its own last message. */
export function messagesOf(prompt: string, { document, written }: AnswerContext) {
  const text = document.length > MOST_CONTEXT ? `${document.slice(0, MOST_CONTEXT)}…` : document
  return [
    { role: 'system', content: TASK },
    { role: 'user', content: `The document:\n\n${text}\n\nThe request:\n\n${prompt}` },
    ...(written === ''
      ? []
      : [
          { role: 'assistant', content: written },
          { role: 'user', content: CONTINUE },
        ]),
  ]
}

async function post(
  { baseUrl, key }: Endpoint,
  body: object,
  signal: AbortSignal,
): Promise<Response> {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`
  const violation = new Violation(url)
  try {
    return await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
      credentials: 'omit',
      // A redirect could lead the request to another site.
      redirect: 'error',
      signal,
    })
  } catch (error) {
    if (signal.aborted) throw error
    const { origin } = new URL(url)
    if (await violation.happens()) {
      throw new SourceError(
        `The server of this page allows no requests to ${origin}. Its operator can allow them: start the server with AGENT_ORIGINS=${origin}.`,
      )
    }
    throw new SourceError(
      `The endpoint at ${origin} cannot be reached, or it does not allow requests of this page (CORS).`,
    )
  } finally {
    violation.close()
  }
}

async function refusalOf(response: Response): Promise<string> {
  const said = messageIn(parsed(await response.text().catch(() => '')))
  const reason = said === '' ? '' : ` It says: ${said}`
  if (response.status === 401 || response.status === 403) {
    return `The endpoint refuses the key (${response.status}). Check the key in the settings.${reason}`
  }
  if (response.status === 429) {
    return `The endpoint has too many requests at the moment (429). Press “Continue” later.${reason}`
  }
  return `The endpoint answered with status ${response.status}.${reason}`
}

/** The pieces of a streamed answer; of one that is not streamed, the whole text. */
async function* deltasOf(response: Response, patience: Patience): AsyncGenerator<string> {
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('application/json')) {
    yield choiceIn(parsed(await response.text())).text
    return
  }
  if (response.body === null || !type.includes('text/event-stream')) {
    throw new SourceError('The endpoint’s answer is not a stream of events. Check its address.')
  }
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  try {
    for (;;) {
      const { done, value } = await events.read()
      if (done) break
      patience.renew()
      if (value.data === '[DONE]') return
      const chunk = parsed(value.data)
      const problem = messageIn(chunk)
      if (problem !== '') throw new SourceError(`The endpoint failed: ${problem}`)
      const { text, isLast } = choiceIn(chunk)
      if (text !== '') yield text
      if (isLast) return
    }
  } finally {
    void events.cancel().catch(() => {})
  }
  throw new SourceError('The endpoint ended in the middle of its answer. Press “Continue”.')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The text of the first choice, in a chunk of a stream or a whole answer, and whether the model has ended. */
function choiceIn(value: unknown): { text: string; isLast: boolean } {
  const choice = at(at(value, 'choices'), '0')
  const text = at(at(choice, 'delta') ?? at(choice, 'message'), 'content')
  return {
    text: typeof text === 'string' ? text : '',
    isLast: typeof at(choice, 'finish_reason') === 'string',
  }
}

/** The message of an error; '' if the value is none. */
function messageIn(value: unknown): string {
  const error = at(value, 'error')
  const message = typeof error === 'string' ? error : at(error, 'message')
  if (typeof message === 'string') return message.slice(0, 300)
  return error == null ? '' : 'an error without a message'
}

const at = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** Ends a request if nothing arrives for too long. */
class Patience {
  readonly #ms: number
  readonly #stalled = new AbortController()
  readonly signal: AbortSignal
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number, outer: AbortSignal) {
    this.#ms = ms
    this.signal = AbortSignal.any([outer, this.#stalled.signal])
    this.renew()
  }

  get hasEnded(): boolean {
    return this.#stalled.signal.aborted
  }

  renew(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#stalled.abort(), this.#ms)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

/** Learns whether the page's content security policy forbids an address: the failed request does not say so. */
class Violation {
  readonly #url: string
  readonly #seen = new AbortController()

  constructor(url: string) {
    this.#url = url
    globalThis.document?.addEventListener('securitypolicyviolation', this.#note)
  }

  /** Waits a moment: the browser reports it after the request has failed. */
  async happens(): Promise<boolean> {
    await pause(REPORT_MS, this.#seen.signal)
    return this.#seen.signal.aborted
  }

  close(): void {
    globalThis.document?.removeEventListener('securitypolicyviolation', this.#note)
  }

  readonly #note = (event: SecurityPolicyViolationEvent): void => {
    const isOurs =
      event.effectiveDirective === 'connect-src' && this.#url.startsWith(event.blockedURI)
    if (isOurs) this.#seen.abort()
  }
}
