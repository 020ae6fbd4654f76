import { withMasters } from './data/masters.mjs'
import { createOrders } from './data/orders.mjs'
import { plant } from './data/divergence.mjs'
import { writeFileSync, existsSync } from 'node:fs'
const kind=process.argv[2], rows=Number(process.argv[3]), out=process.argv[4]
await withMasters(kind, { rows, quick:false, say: console.error, install:true }, async (masters) => {
  await createOrders(masters,'bench.orders',rows)
  await createOrders(masters,'bench.orders_few',rows); await plant(masters,'bench.orders_few',rows,100)
  await createOrders(masters,'bench.orders_many',rows); await plant(masters,'bench.orders_many',rows,rows/10)
  await createOrders(masters,'bench.tiny',1000)
  writeFileSync(out, masters.ports.join(' '))
  while(!existsSync(out+'.stop')) await new Promise(r=>setTimeout(r,500))
})
