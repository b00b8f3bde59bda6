import type { ServerErrorCode } from 'y-electric/protocol'
import { CLIENT_PARAMS } from '../../shapes.ts'
import { type Answer, json } from '../description.ts'
import { ref } from '../json-schema.ts'
import { opaqueParameter } from '../parameters.ts'

/** The parameters of Electric's own clients: their position in the log, and whether to wait. */
export const SHAPE_PARAMETERS = CLIENT_PARAMS.map((name) =>
  opaqueParameter({ name, description: 'A parameter of Electric, passed on unchanged.' }),
)

export const SHAPE_ANSWERS: readonly Answer[] = [
  {
    status: 200,
    description: "Electric's protocol: a part of the log, or with `live_sse` a stream of it.",
    contents: [
      ...json(ref('ShapeLog')),
      { mediaType: 'text/event-stream', schema: { type: 'string' } },
    ],
    headers: ['electric-handle', 'electric-offset'],
  },
  { status: 304, description: 'Nothing new since `If-None-Match`.', contents: [] },
  {
    status: 400,
    description: 'Electric refuses the parameters.',
    contents: json({ type: 'object' }),
  },
  {
    status: 409,
    description: "Electric's `must-refetch`: the log starts over under another handle.",
    contents: json(ref('ShapeLog')),
  },
]

export const SHAPE_ERRORS: readonly ServerErrorCode[] = [
  'deleted',
  'shape_service_unavailable',
  'authorization_unavailable',
]
