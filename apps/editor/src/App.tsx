import { lazy, Suspense } from 'react'
import { DocumentPage } from './pages/DocumentPage.tsx'
import { ErrorBoundary } from './pages/ErrorBoundary.tsx'
import { BadAddressPage, NotFoundPage } from './pages/LostPages.tsx'
import { useRoute } from './routing/navigation.ts'
import type { Route } from './routing/route.ts'

const HomePage = lazy(async () => {
  const { HomePage } = await import('./pages/HomePage.tsx')
  return { default: HomePage }
})

// Loaded on demand, because few visitors open the inspector.
const InspectorPage = lazy(async () => {
  const { InspectorPage } = await import('./inspector/InspectorPage.tsx')
  return { default: InspectorPage }
})

export function App() {
  const route = useRoute()
  const key = keyOf(route)
  return <ErrorBoundary key={key}>{pageOf(route)}</ErrorBoundary>
}

/** Each page has its own key, so that React keeps no state of the previous page. */
function keyOf(route: Route): string {
  if (route.page === 'document') return `${route.mode ?? 'write'} ${route.docId}`
  return route.page === 'inspector' ? `inspector ${route.docId}` : route.page
}

function pageOf(route: Route) {
  switch (route.page) {
    case 'home':
      return (
        <Suspense fallback={null}>
          <HomePage />
        </Suspense>
      )
    case 'document':
      return <DocumentPage docId={route.docId} mode={route.mode ?? 'write'} />
    case 'inspector':
      return (
        <Suspense fallback={null}>
          <InspectorPage docId={route.docId} />
        </Suspense>
      )
    case 'bad-address':
      return <BadAddressPage />
    case 'not-found':
      return <NotFoundPage />
  }
}
