import { shapeHealthUrl } from '../shapes.ts'
import { ping } from '../store/index.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'

/** How long a health check waits for either part, in milliseconds. */
const HEALTH_TIMEOUT_MS = 3_000

/** `GET /health`: 200 when the database and the shape service both answer, 503 and which one does not. */
export function getHealth(context: RouteContext): RouteHandler {
  return async (c) => {
    const [database, shapes] = await Promise.all([
      answers(() => ping(context.pool)),
      answers(() => askShapeService(context)),
    ])
    const healthy = database === 'ok' && shapes === 'ok'
    return c.json(
      { status: healthy ? 'ok' : 'unavailable', database, shapes },
      healthy ? 200 : 503,
      { 'cache-control': 'no-store' },
    )
  }
}

async function askShapeService({ shapes }: RouteContext): Promise<void> {
  const request = new Request(shapeHealthUrl(shapes), {
    signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
  })
  const response = await (shapes.fetch ?? fetch)(request)
  await response.body?.cancel()
  if (!response.ok) throw new Error(`the shape service answered ${response.status}`)
}

async function answers(ask: () => Promise<void>): Promise<'ok' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'unavailable'>((resolve) => {
    timer = setTimeout(() => resolve('unavailable'), HEALTH_TIMEOUT_MS)
  })
  try {
    return await Promise.race([
      ask().then(
        () => 'ok' as const,
        () => 'unavailable' as const,
      ),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}
