/** How answers are made in this browser. */
export interface AssistantSettings {
  readonly kind: 'rules' | 'endpoint'
  /** The address before `/chat/completions`, such as `https://llm.example.com/v1`. */
  readonly baseUrl: string
  readonly model: string
  /** Sent only to `baseUrl`; '' for an endpoint that needs none. */
  readonly key: string
}

const KEY = 'y-electric:assistant'
const SECRET = 'y-electric:assistant-key'

const DEFAULTS: AssistantSettings = { kind: 'rules', baseUrl: '', model: '', key: '' }

export function readSettings(): AssistantSettings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    const { kind, baseUrl, model } = fieldsOf(stored)
    return {
      kind: kind === 'endpoint' ? 'endpoint' : 'rules',
      baseUrl: typeof baseUrl === 'string' ? baseUrl : '',
      model: typeof model === 'string' ? model : '',
      key: sessionStorage.getItem(SECRET) ?? '',
    }
  } catch {
    return DEFAULTS
  }
}

/**
 * Keeps the settings. The key goes into the storage of this tab only: it survives a reload, which
 * continues an answer, and the browser deletes it when the tab is closed, so that the next person
 * at this device does not have it.
 */
export function keepSettings({ kind, baseUrl, model, key }: AssistantSettings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ kind, baseUrl, model }))
    sessionStorage.setItem(SECRET, key)
  } catch {
    // Storage is full or forbidden: the settings have to be entered again next time.
  }
}

/**
 * The problem of an endpoint's settings as a sentence; null if they can be used.
 * @param isSecure the page was loaded over TLS, and may not call addresses without it
 */
export function settingsProblem(settings: AssistantSettings, isSecure: boolean): string | null {
  const { kind, baseUrl, model } = settings
  if (kind === 'rules') return null
  if (!URL.canParse(baseUrl)) {
    return 'Enter the address of the endpoint, such as https://llm.example.com/v1.'
  }
  const { protocol, hostname, username } = new URL(baseUrl)
  if (protocol !== 'https:' && protocol !== 'http:') {
    return 'The address of the endpoint must start with https:// or http://.'
  }
  if (username !== '') return 'Enter the key in its own field, not in the address.'
  if (isSecure && protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
    return 'This page uses https, so the address of the endpoint must start with https://.'
  }
  return model.trim() === '' ? 'Enter the name of a model of this endpoint.' : null
}

function fieldsOf(value: unknown): { kind?: unknown; baseUrl?: unknown; model?: unknown } {
  return typeof value === 'object' && value !== null ? value : {}
}
