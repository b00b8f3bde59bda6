import { openPglite, connectPostgres, createShapeService } from './src/index.ts'
import { startPostgres } from '../../test/harness/postgres.ts'
import { fork } from 'node:child_process'
for (const kind of ['pglite', 'postgres']) {
  const cluster = kind === 'postgres' ? await startPostgres() : undefined
  const database = cluster ? await connectPostgres({ connectionString: cluster.url }) : await openPglite()
  const service = await createShapeService({ database })
  await database.pool.query(`create table ydoc_update (doc_id text not null, segment int not null, seq bigint generated always as identity, batch_id uuid, data bytea not null, created_at timestamptz default now(), primary key(doc_id, segment, seq))`)
  const url = (q: Record<string, string>) => new Request('http://x/v1/shape?' + new URLSearchParams({ table: 'ydoc_update', where: 'doc_id = $1 and segment = $2', 'params[1]': 'a', 'params[2]': '0', columns: 'doc_id,segment,seq,data', ...q }))
  let r = await service.fetch(url({ offset: '-1' })); await r.text()
  const handle = r.headers.get('electric-handle')!
  const waiters: (() => void)[] = []
  let bytes = 0
  const readers = Number(process.env.READERS ?? 1)
  for (let i = 0; i < readers; i++) {
    const r = await service.fetch(url({ offset: '0_0', handle, live: 'true', live_sse: 'true' }))
    ;(async () => { for await (const b of r.body!) { bytes += b.length; if (i === readers - 1) waiters.shift()?.() } })()
  }
  const insert = () => database.pool.query({ name: 'ins', text: 'insert into ydoc_update(doc_id,segment,batch_id,data) values ($1,$2,gen_random_uuid(),$3)', values: ['a', 0, Buffer.alloc(30, 7)] })
  const sample = async (n: number) => {
    const out: number[] = [], ack: number[] = []
    for (let i = 0; i < n; i++) {
      const p = new Promise<void>((r) => waiters.push(r))
      const t = performance.now()
      await Promise.all([p.then(() => out.push(performance.now() - t)), insert().then(() => ack.push(performance.now() - t))])
    }
    for (const x of [out, ack]) x.sort((a, b) => a - b)
    return `event median ${out[n >> 1]!.toFixed(3)} p95 ${out[Math.floor(n * .95)]!.toFixed(3)}; ack median ${ack[n >> 1]!.toFixed(3)}`
  }
  await sample(200)
  console.log(kind, readers, 'readers:', await sample(1000), bytes)
  // big transaction is one piece
  const big = await database.pool.connect()
  let seen = 0, first = 0
  const r2 = await service.fetch(url({ offset: 'now' })); await r2.text()
  const live = await service.fetch(url({ offset: r2.headers.get('electric-offset')!, handle, live: 'true' , live_sse: 'true'}))
  const chunks: number[] = []
  const done = (async () => { let ups = 0; let msgs = 0; for await (const b of live.body!) { const t = Buffer.from(b).toString(); const n = t.split('\n\n').length - 1; msgs += n; ups += t.split('up-to-date').length - 1; chunks.push(n); if (msgs >= 50001) break } return ups })()
  let t = performance.now()
  await big.query('begin'); for (let i = 0; i < 5; i++) await big.query(`insert into ydoc_update(doc_id,segment,data) select 'a', 0, '\\x0102' from generate_series(1,10000)`); await big.query('commit')
  big.release()
  const t2 = performance.now()
  console.log('50k rows tx', (t2 - t).toFixed(0), 'ms; ups', await done, chunks, (performance.now() - t2).toFixed(0))
  t = performance.now()
  await database.pool.query(`insert into ydoc_update(doc_id,segment,data) select 'a', 0, decode(repeat('ab', 1000000), 'hex')`)
  console.log('1MB row', (performance.now() - t).toFixed(1))
  await service.close(); await database.close(); await cluster?.stop()
}
