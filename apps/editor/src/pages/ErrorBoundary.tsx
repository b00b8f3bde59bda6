import { Component, type ReactNode } from 'react'
import { LostPage } from './LostPages.tsx'

/** Shows an error page if rendering fails, instead of a blank window. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <LostPage title="This page could not be shown">
        This does not change the document. Reload the page; the browser’s console has the details.
      </LostPage>
    )
  }
}
