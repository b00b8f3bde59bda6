const LF = 10
const CR = 13

/** Takes chunks of an event stream and returns only whole events. */
export function wholeEvents(): (chunk: Uint8Array) => Uint8Array {
  let rest = new Uint8Array()
  return (chunk) => {
    const bytes = rest.byteLength === 0 ? chunk : concat(rest, chunk)
    const end = endOfLastEvent(bytes, Math.max(0, rest.byteLength - 3))
    rest = bytes.slice(end)
    return bytes.subarray(0, end)
  }
}

/** The index after the last blank line, for any kind of line end; there is none before `from`. */
function endOfLastEvent(bytes: Uint8Array, from: number): number {
  for (let end = bytes.length; end > from; end--) {
    const last = bytes[end - 1]
    if (last !== LF && last !== CR) continue
    const before = bytes[end - 2]
    if (before === last) return end
    if (last === LF && before === CR && bytes[end - 3] === LF && bytes[end - 4] === CR) return end
  }
  return 0
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.byteLength + other.byteLength)
  both.set(one)
  both.set(other, one.byteLength)
  return both
}
