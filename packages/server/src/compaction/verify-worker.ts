import { parentPort, workerData } from 'node:worker_threads'
import { unpackSources } from './sources.ts'
import type { VerifyJob } from './verifier.ts'
import { verifyFold } from './verify.ts'

const { sources, proposal } = workerData as VerifyJob
parentPort?.postMessage(verifyFold(unpackSources(sources), proposal))
