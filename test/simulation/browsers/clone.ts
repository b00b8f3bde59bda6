// Returns the same as `structuredClone`, and is faster for the values that tabs send each other.

const isPlain = (value: object): value is Record<string, unknown> =>
  Object.getPrototypeOf(value) === Object.prototype

const isBytes = (value: object): value is Uint8Array =>
  Object.getPrototypeOf(value) === Uint8Array.prototype

/** @throws {DOMException} if the value cannot be sent to another page */
export function cloned<T>(value: T): T {
  return copyOf(value) as T
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' || typeof value === 'symbol' ? structuredClone(value) : value
  }
  if (isBytes(value)) return value.slice()
  if (Array.isArray(value)) return value.map(copyOf)
  if (!isPlain(value)) return structuredClone(value)
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) copy[name] = copyOf(value[name])
  return copy
}
