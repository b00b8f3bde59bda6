// The transition table: for each event and state, which parts of the state change and which
// effects run. `=`: nothing. Every state is in one line of every event, or falls under `otherwise`.
import type { EventName } from './states.ts'

/** Events of the server and of other tabs. */
export const OUTSIDE = {
  flush: `
    gathering → outbox: sending, send b1
    otherwise → =
  `,
  writeRetry: `
    writeWaiting → outbox: sending, send b1
    otherwise → =
  `,
  acked: `
    awaitingAnswers → connection: joining, outbox: idle, unacked: 0, write works, reader.expect, document.sent, reader.hasten, reader.join
    heldBack → outbox: idle, unacked: 0, hold: holding, write works, reader.expect, document.sent, reader.hasten
    onDevice → device: stored false, write works, reader.expect, record settled, document.sent, reader.hasten
    loading resumable → write works, reader.expect, record settled, document.sent, reader.hasten
    sending sendingAgain → outbox: idle, unacked: 0, write works, reader.expect, document.sent, reader.hasten
    writeWaiting blocked resending → unacked: 0, write works, reader.expect, document.sent, reader.hasten
    withTabs withOrphans adopting → write works, reader.expect, record settled, tabs.settled, document.sent, reader.hasten
    otherwise → write works, reader.expect, document.sent, reader.hasten
  `,
  ackedRepeat: `
    awaitingAnswers → connection: joining, outbox: idle, unacked: 0, doubt: doubted, write works, document.sent, reader.stop, document.joining, reader.join, reader.hasten
    sending → connection: joining, outbox: idle, unacked: 0, synced: false, doubt: doubted, resume: none, write works, document.sent, reader.stop, document.joining, reader.join, reader.hasten
    sendingAgain → outbox: idle, unacked: 0, write works, document.sent, reader.hasten
    heldBack → outbox: idle, unacked: 0, hold: holding, write works, document.sent, reader.hasten
    onDevice → device: stored false, write works, record settled, document.sent, reader.hasten
    loading resumable → write works, record settled, document.sent, reader.hasten
    writeWaiting blocked resending → unacked: 0, write works, document.sent, reader.hasten
    withTabs withOrphans adopting → write works, record settled, tabs.settled, document.sent, reader.hasten
    otherwise → write works, document.sent, reader.hasten
  `,
  writeFailed: `
    awaitingAnswers sending sendingAgain → outbox: waiting, writer.wait, report network
    otherwise → =
  `,
  writeRefused: `
    awaitingAnswers → connection: joining, outbox: blocked, report update_too_large, reader.join
    sending sendingAgain → outbox: blocked, report update_too_large
    otherwise → =
  `,
  stateRead: `
    joining resending heldBack → document.compare
    otherwise → =
  `,
  readFailed: `
    joining awaitingAnswers resending heldBack → connection: waiting to join, reader.wait, report network
    closed closedWithTabs closedInDoubt loading resumable waitingToJoin waitingToFollow stopped parted → =
    otherwise → connection: waiting to follow, synced: false, reader.wait, report network
  `,
  segmentGone: `
    catchingUp → connection: waiting to join, synced: false, reader.wait
    joining awaitingAnswers resending heldBack → connection: waiting to join, reader.wait, report segment_folded
    closed closedWithTabs closedInDoubt loading resumable waitingToJoin waitingToFollow stopped parted → =
    otherwise → connection: joining, synced: false, resume: none, document.joining, reader.join
  `,
  readRefused: `
    joining awaitingAnswers resending heldBack → connection: stopped, reader.stop, report forbidden
    closed closedWithTabs closedInDoubt loading resumable waitingToJoin waitingToFollow stopped parted → =
    otherwise → connection: stopped, synced: false, reader.stop, report forbidden
  `,
  row: `
    closed closedWithTabs closedInDoubt loading resumable joining awaitingAnswers resending heldBack waitingToJoin waitingToFollow stopped parted → =
    otherwise → document.apply
  `,
  badRow: `
    closed closedWithTabs closedInDoubt loading resumable joining awaitingAnswers resending heldBack waitingToJoin waitingToFollow stopped parted → =
    otherwise → app.report-bad-row
  `,
  seal: `
    otherwise → =
  `,
  upToDate: `
    catchingUp → connection: live 0, read works, writer.hasten
    sealSeen → connection: live 1, reader.crossed, follow 1
    otherwise → =
  `,
  behind: `
    sealSeen → connection: live 1, reader.crossed, follow 1
    otherwise → =
  `,
  mustRefetch: `
    catchingUp → connection: waiting to join, synced: false, reader.wait
    closed closedWithTabs closedInDoubt loading resumable joining awaitingAnswers resending heldBack waitingToJoin waitingToFollow stopped parted → =
    otherwise → connection: joining, synced: false, resume: none, document.joining, reader.join
  `,
  reached: `
    onDevice → device: stored false, record resume
    otherwise → =
  `,
  silentReread: `
    catchingUp → synced: false, reader.reread
    closed closedWithTabs closedInDoubt loading resumable joining awaitingAnswers resending heldBack waitingToJoin waitingToFollow stopped parted → =
    otherwise → connection: following 0, synced: false, reader.reread
  `,
  silentJoin: `
    catchingUp → connection: waiting to join, synced: false, reader.wait
    closed closedWithTabs closedInDoubt loading resumable joining awaitingAnswers resending heldBack waitingToJoin waitingToFollow stopped parted → =
    otherwise → connection: joining, synced: false, resume: none, document.joining, reader.join
  `,
  asking: `
    otherwise → =
  `,
  liveAnswered: `
    otherwise → =
  `,
  readRetry: `
    waitingToJoin → connection: joining, document.joining, reader.join
    waitingToFollow → connection: following 0, follow 0
    otherwise → =
  `,
  tabHello: `
    withOrphans → orphans: 0, document.apply, tabs.introduce
    withTabs adopting → document.apply, tabs.introduce
    otherwise → =
  `,
  tabEdit: `
    withTabs adopting → document.apply
    otherwise → =
  `,
  tabCut: `
    withTabs adopting → document.apply
    otherwise → =
  `,
  tabAdopted: `
    withTabs adopting → document.apply
    otherwise → =
  `,
  tabSettled: `
    withTabs adopting → resume: recorded, record resume
    otherwise → =
  `,
  tabGone: `
    withTabs adopting → orphans: 1
    otherwise → =
  `,
  led: `
    withTabs withOrphans → tabs: leading, adoption: asking-store, device.take-over
    otherwise → =
  `,
  deposed: `
    adopting → tabs: following
    otherwise → =
  `,
  beat: `
    withOrphans → adoption: asking-store, device.take-over
    otherwise → =
  `,
  tabUser: `
    withTabs withOrphans adopting → presence.hear
    otherwise → =
  `,
  tabUserLeft: `
    withTabs withOrphans adopting → presence.forget
    otherwise → =
  `,
} as const satisfies Partial<Record<EventName, string>>
