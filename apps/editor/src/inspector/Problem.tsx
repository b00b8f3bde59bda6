import type { ApiError } from './api.ts'

/** A failed request: the server's message and its code. */
export function Problem({ error }: { error: ApiError }) {
  return (
    <p className="problem" role="alert">
      {error.status === 0 ? 'The server cannot be reached. ' : sentence(error.message)}
      <code>{error.code}</code>
    </p>
  )
}

function sentence(message: string): string {
  const text = message.charAt(0).toLocaleUpperCase() + message.slice(1)
  return /[.!?]$/.test(text) ? `${text} ` : `${text}. `
}
