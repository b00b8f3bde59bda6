import type { ServerErrorCode } from 'y-electric/protocol'
import { SHAPE_LOG } from '../../schemas/protocol.ts'
import { someObject, text } from '../../schemas/values.ts'
import { CLIENT_PARAMS } from '../../shapes.ts'
import { type Answer, json } from '../description.ts'
import { parameter } from '../parameters.ts'

/** The parameters of Electric's own clients: their position in the log, and whether to wait. */
export const SHAPE_PARAMETERS = CLIENT_PARAMS.map((name) =>
  parameter({ name, description: 'A parameter of Electric, passed on unchanged.' }, text()),
)

export const SHAPE_ANSWERS: readonly Answer[] = [
  {
    status: 200,
    description: "Electric's protocol: a part of the log, or with `live_sse` a stream of it.",
    contents: [...json(SHAPE_LOG), { mediaType: 'text/event-stream', schema: text() }],
    headers: ['electric-handle', 'electric-offset'],
  },
  { status: 304, description: 'Nothing new since `If-None-Match`.', contents: [] },
  {
    status: 400,
    description: 'Electric refuses the parameters.',
    contents: json(someObject()),
  },
  {
    status: 409,
    description: "Electric's `must-refetch`: the log starts over under another handle.",
    contents: json(SHAPE_LOG),
  },
]

export const SHAPE_ERRORS: readonly ServerErrorCode[] = ['deleted', 'shape_service_unavailable']
