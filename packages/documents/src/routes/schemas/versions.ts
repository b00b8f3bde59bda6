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
    description: 'Its bytes to those of what it replaced; null when it replaced nothing.',
  }),
})

export const RESTORED = object({
  docId: text(),
  seq: nullable(integer('Of the last new update row; null when there was nothing to do.')),
  kept: nullable(integer('Of the snapshot row that keeps what was before.')),
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
  description: 'One thing that is different: a value, or a text by words.',
}

export const DIFFERENCE = object(
  {
    docId: text(),
    from: integer(),
    to: { oneOf: [integer(), { const: 'now' }] },
    changes: array(ref('Change')),
    isCut: { type: 'boolean', description: 'It was too much to compare within bounds.' },
  },
  'What is different between two states of a document.',
)
