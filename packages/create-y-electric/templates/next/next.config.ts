import type { NextConfig } from 'next'

// Node loads these packages as they are: Yjs and Hono must exist once, and the embedded Postgres has files of its own.
const config: NextConfig = {
  serverExternalPackages: [
    'yjs',
    'hono',
    '@y-electric/documents',
    '@y-electric/embedded',
    '@y-electric/server',
  ],
}

export default config
