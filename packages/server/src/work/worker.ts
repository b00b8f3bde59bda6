import { parentPort, workerData } from 'node:worker_threads'
import { doJob } from './jobs.ts'
import { type JobAnswer, type JobMessage, refusalOf } from './messages.ts'

const { name, input } = workerData as JobMessage
const answer: JobAnswer = await doJob(name, input as never).then(
  (output) => ({ type: 'done', output }),
  refusalOf,
)
parentPort?.postMessage(answer)
