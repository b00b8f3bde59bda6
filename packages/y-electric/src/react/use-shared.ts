import { useEffect, useReducer } from 'react'
import { type DocumentHandle, type SharedDocument, sharedDocument } from '../bindings/document.ts'
import { findDocument } from '../bindings/registry.ts'
import { ElectricProviderError } from '../errors.ts'
import { type Scope, useScope } from './provider.ts'

/** The document that a component asks for, which the component holds while it is mounted. */
export function useShared(asked: DocumentHandle | string | undefined): SharedDocument {
  const scope = useScope()
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  const document = typeof asked === 'object' ? sharedDocument(asked) : documentIn(scope, asked)
  useEffect(() => {
    // React may have mounted the component long after it was rendered.
    if (document.isClosed) renderAgain()
    return document.hold()
  }, [document])
  return document
}

function documentIn(scope: Scope | null, docId: string | undefined): SharedDocument {
  if (scope === null) {
    throw new ElectricProviderError(
      'invalid_request',
      'there is no <DocumentProvider> above this component: put one around the app',
    )
  }
  const id = docId ?? scope.docId
  if (id === null) {
    throw new ElectricProviderError(
      'invalid_request',
      'which document? Pass its id to `useDocument`, or give the <DocumentProvider> a `docId`',
    )
  }
  return findDocument(scope.connection, id)
}
