// A process of a campaign with several: runs its share of the seeds, and reports to `jobs.ts`.
import { campaign } from './campaign.ts'
import type { JobOrder, JobReport, JobStop } from './jobs.ts'
import { PLANTS } from './plants/index.ts'
import { compileServer } from './server/program.ts'

/** The number of runs after which a job reports its progress. */
const REPORT_EVERY = 20

const tell = (report: JobReport): void => void process.send?.(report)
let endsBefore = Number.POSITIVE_INFINITY

process.on('message', (message: JobOrder | JobStop) => {
  if (message.type === 'stop') endsBefore = message.before
  else void perform(message)
})

async function perform({ plant: name, ...order }: JobOrder): Promise<void> {
  await compileServer()
  const { failed, ...figures } = await campaign({
    ...order,
    plant: name === null ? undefined : PLANTS.find((one) => one.name === name),
    endsBefore: () => endsBefore,
    onBegin: (seed, done) => {
      if (done % REPORT_EVERY === 0) tell({ type: 'begun', seed, done })
    },
  })
  const failedSeed = failed?.plan.profile.seed ?? null
  tell({ type: 'ended', figures, failedSeed })
  process.disconnect()
}
