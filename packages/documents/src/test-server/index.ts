export { type FakeClock, startFakeClock } from './clock.ts'
export type { Concerned, EndFault, FaultOptions, Faults } from './faults.ts'
export { startTestServer, type TestServer, type TestServerOptions } from './server.ts'
