import {
  array,
  integer,
  type JsonSchema,
  nullable,
  object,
  ref,
  SNAPSHOT_MEMBERS,
  text,
} from '@y-electric/server/extension'

export const SNAPSHOT_STATS = object({
  ...SNAPSHOT_MEMBERS,
  ratio: nullable({
    type: 'number',
    description: 'Its size divided by the size of what it replaced; null if it replaced nothing.',
  }),
})

export const RESTORED = object({
  docId: text(),
  seq: nullable(integer('The seq of the last new update row; null if there was nothing to do.')),
  kept: nullable(integer('The seq of the snapshot row that keeps the previous content.')),
})

const PATH = array({ anyOf: [{ type: 'string' }, { type: 'integer' }] })
const FORMATTING: JsonSchema = { type: 'object', additionalProperties: true }

export const TEXT_PART: JsonSchema = {
  anyOf: [
    object({ type: { type: 'string', enum: ['same', 'added', 'removed'] }, text: text() }),
    object({ type: { const: 'formatted' }, text: text(), before: FORMATTING, after: FORMATTING }),
    object({ type: { const: 'skipped' }, length: integer() }),
  ],
  description: 'Part of a text, in the order of reading.',
}

export const CHANGE: JsonSchema = {
  anyOf: [
    object({ type: { type: 'string', enum: ['added', 'removed'] }, path: PATH, value: {} }),
    object({ type: { const: 'changed' }, path: PATH, before: {}, after: {} }),
    object({ type: { const: 'text' }, path: PATH, parts: array(ref('TextPart')) }),
  ],
  description: 'One change: a value, or a text by words.',
}

export const DIFFERENCE = object(
  {
    docId: text(),
    from: integer(),
    to: { oneOf: [integer(), { const: 'now' }] },
    changes: array(ref('Change')),
    isCut: { type: 'boolean', description: 'The comparison exceeded its bounds.' },
  },
  'The difference between two states of a document.',
)
