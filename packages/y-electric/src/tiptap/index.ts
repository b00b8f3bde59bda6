/** For editors made with TipTap: the peers `@tiptap/core` and `@tiptap/pm` must be installed. */

export {
  type BoundEditor,
  ContentGuard,
  type GuardOptions,
  type GuardState,
} from './content-guard.ts'
export { type GuardCollaborationOptions, guardCollaboration } from './guard-collaboration.ts'
export {
  type ExtraAttributes,
  type Findings,
  findForeign,
  forget,
  type Known,
} from './judge.ts'
