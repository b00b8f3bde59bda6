// The pages of the website in their order. A test compares them with the files of docs/.
export interface Part {
  readonly text: string
  readonly items: { readonly text: string; readonly link: string }[]
}

export const sidebar: Part[] = [
  {
    text: 'Start',
    items: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'The provider', link: '/docs/provider' },
      { text: 'Offline, tabs, saved', link: '/docs/offline' },
      { text: 'Stores on the device', link: '/docs/stores' },
      { text: 'Presence', link: '/docs/presence' },
      { text: 'Versions and history', link: '/docs/versions' },
    ],
  },
  {
    text: 'Editors and frameworks',
    items: [
      { text: 'Examples of editors', link: '/docs/editors' },
      { text: 'React', link: '/docs/react' },
      { text: 'Vue', link: '/docs/vue' },
      { text: 'Svelte', link: '/docs/svelte' },
      { text: 'Solid', link: '/docs/solid' },
      { text: 'TanStack DB', link: '/docs/tanstack-db' },
      { text: 'TipTap', link: '/docs/tiptap' },
      { text: 'CodeMirror', link: '/docs/codemirror' },
      { text: 'Events, counters, registers', link: '/docs/counters' },
      { text: 'Agents and back ends', link: '/docs/agents' },
    ],
  },
  {
    text: 'Servers',
    items: [
      { text: 'Mount it in your server', link: '/docs/servers' },
      { text: 'Next.js', link: '/docs/next' },
      { text: 'Proxies and other origins', link: '/docs/proxies' },
      { text: 'Authorization', link: '/docs/authorization' },
      { text: 'Pictures', link: '/docs/files' },
      { text: 'Inspect, restore, delete', link: '/docs/operations' },
      { text: 'Test your app', link: '/docs/testing' },
      { text: 'In production', link: '/docs/production' },
      { text: 'Security', link: '/SECURITY' },
      { text: 'Threat model', link: '/THREAT_MODEL' },
    ],
  },
  {
    text: 'Decide',
    items: [
      { text: 'Comparison', link: '/docs/comparison' },
      { text: 'Benchmarks', link: '/docs/benchmarks' },
      { text: 'Questions', link: '/docs/faq' },
      { text: 'How it works', link: '/docs/concepts' },
    ],
  },
  {
    text: 'Coming from another provider',
    items: [
      { text: 'Guides', link: '/docs/migrate' },
      { text: 'From y-websocket', link: '/docs/from-y-websocket' },
      { text: 'From Hocuspocus', link: '/docs/from-hocuspocus' },
      { text: 'From @electric-sql/y-electric', link: '/docs/from-upstream' },
      { text: 'From y-webrtc, y-indexeddb', link: '/docs/from-y-webrtc' },
      { text: 'Bring documents along', link: '/docs/import' },
    ],
  },
  {
    text: 'Look up',
    items: [
      { text: 'API reference', link: '/docs/api' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
      { text: 'Specification', link: '/SPEC' },
      { text: 'Architecture', link: '/ARCHITECTURE' },
      { text: 'Contributing', link: '/CONTRIBUTING' },
      { text: 'Changelog', link: '/CHANGELOG' },
    ],
  },
]
