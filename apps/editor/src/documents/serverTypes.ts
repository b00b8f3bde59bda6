export type { Loss } from '@y-electric/documents'
export type { DocumentList } from '@y-electric/server'
