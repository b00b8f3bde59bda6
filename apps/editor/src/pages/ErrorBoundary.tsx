import { Component, type ReactNode } from 'react'
import { LostPage } from './LostPages.tsx'

/** A page that fails to draw says so, instead of leaving a blank window. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <LostPage title="This page could not be shown">
        The document itself is not changed by that. Reloading the page may help; the browser’s
        console says more.
      </LostPage>
    )
  }
}
