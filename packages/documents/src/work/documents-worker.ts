import { serveJobs } from '@y-electric/server/extension'
import { JOBS } from './jobs.ts'

serveJobs(JOBS)
