/**
 * The document ids that this editor accepts: those that need no escaping in a URL. The server
 * accepts more; this editor is stricter so that a link survives chats, mails and being read aloud.
 */
export function isDocId(text: string): boolean {
  return text.length <= 200 && /^[A-Za-z0-9][A-Za-z0-9._~:-]*$/.test(text)
}

const QUALITIES =
  'amber brisk calm clear cobalt deep early fair fern gentle golden green high indigo keen late light lucid mellow north open pale plain quiet rapid round rust sage silver slow still vivid warm wide wild winter'.split(
    ' ',
  )
const THINGS =
  'anchor atlas birch bridge canvas cedar comet delta ember field forest harbor heron island lantern ledger letter marble meadow meridian mill orchard paper pine quarry reed ridge river signal sparrow stone summit tide valley willow wren'.split(
    ' ',
  )

/**
 * Two words by which people recognise the document, and 50 random bits. Anyone who knows the id can
 * open the document if the server allows everyone, so the id must not be guessable.
 */
export function newDocId(random: (size: number) => Uint8Array = randomBytes): string {
  const bytes = random(12)
  const quality = QUALITIES[(bytes[0] ?? 0) % QUALITIES.length]
  const thing = THINGS[(bytes[1] ?? 0) % THINGS.length]
  const tail = [...bytes.subarray(2)].map((byte) => (byte % 32).toString(32)).join('')
  return `${quality}-${thing}-${tail}`
}

function randomBytes(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size))
}
