import * as decoding from 'lib0/decoding'

/**
 * Reads a varuint that is an exact number. lib0 checks its size before it adds the last seven bits, so it also
 * returns numbers that JavaScript cannot represent and that would be written as other ones.
 * @throws {Error} if the bytes end, or the number is larger than 2^53 - 1
 */
export function readSafeNumber(decoder: decoding.Decoder): number {
  const number = decoding.readVarUint(decoder)
  if (!Number.isSafeInteger(number)) throw new Error('a number is out of range')
  return number
}
