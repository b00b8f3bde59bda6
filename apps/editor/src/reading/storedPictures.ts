import { STORED_ADDRESS } from '../editor/pictures/addresses.ts'

/** Pictures that have more bytes together are left out: their alternative texts are shown. */
const MAX_BYTES = 32 * 1024 * 1024

/** The server writes image tags in one form only, so this pattern finds them. */
const IMAGE = /(<img [^>]*src=")([^"]+)(")/g

/**
 * Puts the pictures that the server keeps into the HTML as `data:` addresses. The frame that shows the HTML has no
 * origin, and the server gives a picture only to pages of its own. Each picture is fetched once for all calls.
 */
export function pictureInliner(fetchPicture: typeof fetch = fetch) {
  const known = new Map<string, string | null>()
  let bytes = 0

  async function load(address: string, signal: AbortSignal): Promise<void> {
    try {
      const response = await fetchPicture(address, { signal })
      if (!response.ok) return void known.set(address, null)
      const picture = await response.blob()
      bytes += picture.size
      known.set(address, bytes > MAX_BYTES ? null : await dataAddress(picture))
    } catch (error) {
      // It is fetched again with the next HTML.
      if (signal.aborted) throw error
    }
  }

  return async (html: string, signal: AbortSignal): Promise<string> => {
    const addresses = [...html.matchAll(IMAGE)].map(([, , address = '']) => address)
    const stored = new Set(addresses.filter((address) => STORED_ADDRESS.test(address)))
    for (const address of stored) if (!known.has(address)) await load(address, signal)
    return html.replace(IMAGE, (tag, before, address, after) => {
      const data = known.get(address)
      return data ? `${before}${data}${after}` : tag
    })
  }
}

async function dataAddress(picture: Blob): Promise<string> {
  const data = new Uint8Array(await picture.arrayBuffer())
  let text = ''
  for (const byte of data) text += String.fromCharCode(byte)
  return `data:${picture.type};base64,${btoa(text)}`
}
