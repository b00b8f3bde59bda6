import * as Y from 'yjs'
import { CLIENT_WEIGHT, SUBDOCUMENT_WEIGHT } from './strict-decoders.ts'
import type { Struct } from './update-decoding.ts'
import { weightOfValue } from './values.ts'

/** The weight that the server gives to the structs of one update: see `DecodingLimits`. */
export function weightOfStructs(structs: readonly Struct[]): number {
  const clients = new Set(structs.map(({ id }) => id.client))
  const weight = structs.reduce((sum, struct) => sum + weightOf(struct), 0)
  return weight + Math.max(0, clients.size - 1) * CLIENT_WEIGHT
}

function weightOf(struct: Struct): number {
  if (!(struct instanceof Y.Item)) return 1
  const { content } = struct
  if (content instanceof Y.ContentDoc) return SUBDOCUMENT_WEIGHT + weightOfValue(content.opts)
  if (content instanceof Y.ContentEmbed) return 1 + weightOfValue(content.embed)
  if (content instanceof Y.ContentFormat) return 1 + weightOfValue(content.value)
  const isValues = content instanceof Y.ContentAny || content instanceof Y.ContentJSON
  return isValues ? content.arr.reduce((sum, value) => sum + weightOfValue(value), 1) : 1
}
