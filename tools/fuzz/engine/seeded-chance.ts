// Creates the random ids of documents and clients from a seed, so that a run is repeatable. Import this
// module before Yjs, which keeps a reference to the random function. Real random numbers would take a tenth
// of the time of a run.
import { webcrypto } from 'node:crypto'
import { seededRandom } from '../../../test/harness/random.ts'

const random = seededRandom(1)

webcrypto.getRandomValues = (array) => {
  if (!ArrayBuffer.isView(array)) return array
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  for (let at = 0; at < bytes.length; at++) bytes[at] = random() * 256
  return array
}
