// The transition table: for each event and state, which parts of the state change and which
// effects run. `=`: nothing. Every state is in one line of every event, or falls under `otherwise`.
import type { EventName } from './states.ts'

/** Events of the app, the Y.Doc and the device store. */
export const INSIDE = {
  open: `
    closedWithTabs → connection: joining, outbox: idle, tabs: following, tabs.open, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    loading → =
    resumable → connection: following 0, outbox: idle, resume: none, compactor.start, app.look-later, presence.open, reader.resumed, follow 0, reader.hasten, writer.hasten
    stopped → connection: joining, resume: none, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    parted → presence.open, document.joining, reader.join, reader.hasten, reader.stop, report client_id_conflict, writer.hasten
    closed closedInDoubt → connection: joining, outbox: idle, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    blocked resending → outbox: sending, presence.open, reader.hasten, send b1, writer.hasten
    otherwise → presence.open, reader.hasten, writer.hasten
  `,
  close: `
    heldBack → connection: closed, outbox: closed, hold: holding, app.stop-looking, compactor.stop, presence.close, writer.stop, reader.stop
    withOrphans → connection: closed, outbox: closed, synced: false, doubt: doubted, resume: none, tabs: closed, orphans: 0, app.stop-looking, compactor.stop, presence.close, writer.stop, reader.stop, tabs.close
    waitingToFollow stopped → connection: closed, outbox: closed, resume: none, app.stop-looking, compactor.stop, presence.close, writer.stop, reader.stop
    withTabs adopting → connection: closed, outbox: closed, synced: false, doubt: doubted, resume: none, tabs: closed, app.stop-looking, compactor.stop, presence.close, writer.stop, reader.stop, tabs.close
    closed closedWithTabs closedInDoubt loading resumable → app.stop-looking, compactor.stop, presence.close, writer.stop
    joining awaitingAnswers resending waitingToJoin parted → connection: closed, outbox: closed, app.stop-looking, compactor.stop, presence.close, writer.stop, reader.stop
    otherwise → connection: closed, outbox: closed, synced: false, resume: none, app.stop-looking, compactor.stop, presence.close, writer.stop, reader.stop
  `,
  reconnect: `
    closedWithTabs → connection: joining, outbox: idle, tabs: following, writer.stop, compactor.forget-refusal, presence.interrupt, tabs.open, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    loading → writer.stop, compactor.forget-refusal, presence.interrupt
    resumable → connection: following 0, outbox: idle, resume: none, writer.stop, compactor.forget-refusal, presence.interrupt, compactor.start, app.look-later, presence.open, reader.resumed, follow 0, reader.hasten, writer.hasten
    awaitingAnswers → connection: joining, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, send b1, writer.hasten
    resending → outbox: sending, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, send b1, writer.hasten
    waitingToJoin → connection: joining, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    parted → writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, reader.stop, report client_id_conflict, writer.hasten
    closed closedInDoubt → connection: joining, outbox: idle, writer.stop, compactor.forget-refusal, presence.interrupt, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    joining heldBack → writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    sending sendingAgain → connection: joining, synced: false, resume: none, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, send b1, writer.hasten
    waitingToFollow stopped → connection: joining, resume: none, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    catchingUp live asking sealSeen → connection: joining, synced: false, resume: none, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
    gathering writeWaiting blocked → connection: joining, outbox: sending, synced: false, resume: none, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, presence.open, document.joining, reader.join, reader.hasten, send b1, writer.hasten
    otherwise → connection: joining, synced: false, resume: none, writer.stop, compactor.forget-refusal, presence.interrupt, reader.stop, compactor.start, app.look-later, presence.open, document.joining, reader.join, reader.hasten, writer.hasten
  `,
  resend: `
    blocked → connection: joining, synced: false, resume: none, remaking: true, reader.stop, document.joining, reader.join
    resending → reader.stop, document.joining, reader.join
    otherwise → =
  `,
  online: `
    otherwise → reader.hasten, writer.hasten
  `,
  folded: `
    otherwise → =
  `,
  userMoved: `
    withTabs withOrphans adopting → tabs.moved
    otherwise → =
  `,
  look: `
    onDevice → adoption: asking-store, app.look-later, device.take-over
    closed closedWithTabs closedInDoubt loading resumable → =
    otherwise → app.look-later
  `,
  broken: `
    closed closedWithTabs → doubt: doubted, report internal
    loading → doubt: doubted, report internal, record whole, record resume
    resumable → doubt: doubted, resume: none, report internal, record whole, record resume
    waitingToFollow → connection: joining, doubt: doubted, resume: none, report internal, reader.stop, document.joining, reader.join
    stopped → doubt: doubted, resume: held-back, report internal
    onDevice → connection: joining, synced: false, doubt: doubted, resume: none, device: stored false, report internal, record whole, record resume, reader.stop, document.joining, reader.join
    closedInDoubt parted → report internal
    awaitingAnswers waitingToJoin → connection: joining, doubt: doubted, report internal, reader.stop, document.joining, reader.join
    joining resending heldBack → doubt: doubted, report internal, reader.stop, document.joining, reader.join
    withTabs withOrphans adopting → connection: joining, synced: false, doubt: doubted, resume: none, report internal, record whole, record resume, reader.stop, document.joining, reader.join
    otherwise → connection: joining, synced: false, doubt: doubted, resume: none, report internal, reader.stop, document.joining, reader.join
  `,
  joinEffectFailed: `
    joining awaitingAnswers resending heldBack → connection: waiting to join, reader.wait, report internal
    otherwise → report internal
  `,
  effectFailed: `
    otherwise → report internal
  `,
  edited: `
    gathering → writer.flush-soon
    onDevice → unacked: 1, device: stored false, record edit, writer.flush-soon
    loading resumable → unacked: 1, record edit, writer.flush-soon
    withTabs withOrphans adopting → unacked: 1, record edit, tabs.edited, writer.flush-soon
    awaitingAnswers sending sendingAgain writeWaiting blocked resending heldBack → unacked: 2, writer.flush-soon
    otherwise → unacked: 1, writer.flush-soon
  `,
  foreignLoad: `
    closedInDoubt → =
    loading → doubt: doubted, record row, record resume
    resumable → doubt: doubted, resume: none, record row, record resume
    gathering → writer.flush-soon
    stopped → doubt: doubted, resume: none
    onDevice → unacked: 1, device: stored false, record edit, writer.flush-soon
    withTabs withOrphans adopting → unacked: 1, record edit, tabs.edited, writer.flush-soon
    sending sendingAgain writeWaiting blocked → unacked: 2, writer.flush-soon
    catchingUp live asking sealSeen waitingToFollow deviceLost → unacked: 1, writer.flush-soon
    otherwise → doubt: doubted
  `,
  keptApplied: `
    loading → device: stored false
    otherwise → =
  `,
  appliedRow: `
    onDevice → device: stored false, record row
    loading resumable withTabs withOrphans adopting → record row
    otherwise → =
  `,
  appliedTabEdit: `
    resumable → resume: none, record row, record resume
    onDevice → device: stored false, record row, record resume, record resume
    loading withTabs withOrphans adopting → record row, record resume
    otherwise → =
  `,
  contradicted: `
    loading → hold: holding, record resume
    resumable → hold: holding, resume: none, record resume
    awaitingAnswers → connection: joining, reader.stop, document.joining, reader.join
    heldBack → reader.stop, document.joining, reader.join
    waitingToJoin → connection: joining, hold: holding, reader.stop, document.joining, reader.join
    waitingToFollow → connection: joining, hold: holding, resume: none, reader.stop, document.joining, reader.join
    onDevice → connection: joining, hold: holding, synced: false, resume: none, device: stored false, record resume, reader.stop, document.joining, reader.join
    joining resending → hold: holding, reader.stop, document.joining, reader.join
    withTabs withOrphans adopting → connection: joining, hold: holding, synced: false, resume: none, record resume, reader.stop, document.joining, reader.join
    closed closedWithTabs closedInDoubt stopped parted → hold: holding
    otherwise → connection: joining, hold: holding, synced: false, resume: none, reader.stop, document.joining, reader.join
  `,
  agrees: `
    resending → outbox: idle, unacked: 0, remaking: false, writer.stop, document.apply-state
    joining heldBack → document.apply-state
    otherwise → =
  `,
  misses: `
    joining → unacked: 1, writer.flush-soon, document.apply-state
    resending → outbox: sending, remaking: false, writer.stop, send n1, document.apply-state
    heldBack → unacked: 2, writer.flush-soon, document.apply-state
    otherwise → =
  `,
  parts: `
    joining → connection: stopped, document: parted, document.part, writer.stop, reader.stop, report client_id_conflict
    resending → connection: stopped, outbox: idle, unacked: 0, document: parted, remaking: false, document.part, writer.stop, reader.stop, report client_id_conflict
    heldBack → connection: stopped, outbox: idle, unacked: 0, hold: none, document: parted, document.part, writer.stop, reader.stop, report client_id_conflict
    otherwise → =
  `,
  stateApplied: `
    awaitingAnswers → hold: none
    heldBack → connection: following 0, hold: none, synced: true, resume: recorded, send b1, writer.hasten, follow 0
    onDevice → device: stored false, record whole
    joining resending → connection: following 0, synced: true, resume: recorded, writer.hasten, follow 0
    loading resumable withTabs withOrphans adopting → record whole
    otherwise → =
  `,
  deviceLoaded: `
    loading → document.apply-kept
    otherwise → =
  `,
  deviceStored: `
    resumable withTabs withOrphans adopting → device: stored true
    otherwise → =
  `,
  deviceLost: `
    deviceLost → =
    otherwise → device: lost, report storage_failed
  `,
  deviceDamaged: `
    otherwise → report storage_damaged
  `,
  takenOver: `
    withOrphans → outbox: sending, unacked: 1, resume: recorded, orphans: 0, record edit, tabs.adopted, document.apply, tabs.cut, send n1, record resume
    adopting → adoption: none
    otherwise → =
  `,
} as const satisfies Partial<Record<EventName, string>>
