import { PRESENCE_MEDIA_TYPE, UPDATE_MEDIA_TYPE } from 'y-electric/protocol'
import {
  CLIENT_ID,
  deleteClientAwareness,
  getAwareness,
  getAwarenessRows,
  putClientAwareness,
} from '../awareness.ts'
import { bytes, type Route } from '../description.ts'
import { SHAPE_ANSWERS, SHAPE_ERRORS, SHAPE_PARAMETERS } from './shape.ts'

/** The routes of presence. */
export const PRESENCE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs/:docId/awareness',
    name: 'followAwareness',
    answerSize: 'counted',
    action: 'read',
    summary: "Follow everybody's presence",
    parameters: SHAPE_PARAMETERS,
    answers: SHAPE_ANSWERS,
    errors: SHAPE_ERRORS,
    isStream: true,
    handler: getAwareness,
  },
  {
    method: 'GET',
    path: '/docs/:docId/awareness/rows',
    name: 'readAwareness',
    action: 'read',
    summary: "Everybody's presence now",
    parameters: [],
    answers: [
      {
        status: 200,
        description: 'Binary frames, each with its age.',
        contents: bytes(PRESENCE_MEDIA_TYPE),
      },
    ],
    errors: ['deleted', 'document_too_large'],
    handler: getAwarenessRows,
  },
  {
    method: 'PUT',
    path: '/docs/:docId/awareness/:clientId',
    name: 'putAwareness',
    answerSize: 'small',
    action: 'presence',
    summary: "Write one client's presence",
    parameters: [CLIENT_ID],
    body: {
      description: 'An awareness update of exactly this client.',
      contents: bytes(UPDATE_MEDIA_TYPE),
      maxBytes: 'maxAwarenessBytes',
    },
    answers: [{ status: 204, description: 'The presence is stored.', contents: [] }],
    errors: [
      'invalid_request',
      'invalid_awareness',
      'presence_not_yours',
      'deleted',
      'awareness_too_large',
    ],
    handler: putClientAwareness,
  },
  {
    method: 'DELETE',
    path: '/docs/:docId/awareness/:clientId',
    name: 'deleteAwareness',
    answerSize: 'small',
    action: 'presence',
    summary: 'A client leaves',
    parameters: [CLIENT_ID],
    answers: [{ status: 204, description: 'The presence is deleted.', contents: [] }],
    errors: ['invalid_request', 'presence_not_yours'],
    handler: deleteClientAwareness,
  },
]
