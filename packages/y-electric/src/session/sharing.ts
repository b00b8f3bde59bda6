/** Everything for which the providers and tabs of a browser work together, as one lazy module. */
export { LiveHubs } from '../io/live-hubs.ts'
export { liveSharing } from '../tabs/live-sharing.ts'
export { Tabs } from '../tabs/tabs.ts'
export { userOf } from './presence/own-user.ts'
