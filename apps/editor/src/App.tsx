import { DocumentPage } from './pages/DocumentPage.tsx'
import { ErrorBoundary } from './pages/ErrorBoundary.tsx'
import { HomePage } from './pages/HomePage.tsx'
import { BadAddressPage, NotFoundPage } from './pages/LostPages.tsx'
import { useRoute } from './routing/navigation.ts'
import type { Route } from './routing/route.ts'

export function App() {
  const route = useRoute()
  const key = route.page === 'document' ? `${route.mode ?? 'write'} ${route.docId}` : route.page
  return <ErrorBoundary key={key}>{pageOf(route)}</ErrorBoundary>
}

function pageOf(route: Route) {
  switch (route.page) {
    case 'home':
      return <HomePage />
    case 'document':
      return <DocumentPage docId={route.docId} mode={route.mode ?? 'write'} />
    case 'bad-address':
      return <BadAddressPage />
    case 'not-found':
      return <NotFoundPage />
  }
}
