import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ClientCommands } from './client-commands.js'
import { cut, delay, down, retarget, silence, stall, throttle, truncate } from './tcp-faults.js'
import { type ArmedFault, TcpProxy } from './tcp-proxy.js'

const [QUERY, PREPARE, EXECUTE] = [0x03, 0x16, 0x17]

/** What a server says when a client comes, and of a statement. */
const greetingOf = (name: string) => `this is ${name}.`
const answerTo = (sql: string) => `${sql}=${'x'.repeat(200)}.`

const pieces = (text: string) => text.match(/.{1,3}/g) ?? []

function packet(code: number, text: string, sequence = 0): Buffer {
  const payload = Buffer.from(`${String.fromCharCode(code)}${text}`)
  const header = Buffer.alloc(4, sequence)
  header.writeUIntLE(payload.length, 0, 3)
  return Buffer.concat([header, payload])
}

async function startServer(name: string): Promise<Server> {
  const server = createServer((socket) => {
    const commands = new ClientCommands()
    socket.on('error', () => {})
    socket.write(greetingOf(name))
    socket.on('data', (chunk) => {
      for (const { command } of commands.push(chunk)) {
        if (command?.kind === 'statement') for (const part of pieces(answerTo(command.sql))) socket.write(part)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const addressOf = (server: Server) => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })

class Client {
  readonly socket: Socket
  heard = ''
  ended: 'open' | 'in order' | string = 'open'

  constructor(port: number) {
    this.socket = createConnection({ host: '127.0.0.1', port })
    this.socket.on('data', (chunk) => {
      this.heard += chunk
    })
    this.socket.on('end', () => {
      this.ended = 'in order'
    })
    this.socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.ended = code ?? '?'
    })
  }

  say(...packets: readonly Buffer[]): this {
    this.socket.write(Buffer.concat(packets))
    return this
  }

  run(sql: string): this {
    return this.say(packet(QUERY, sql))
  }

  /** Waits until so much was heard, or the connection is over. */
  async hears(text: string): Promise<this> {
    while (!this.socket.closed && !this.heard.includes(text))
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close').catch(() => {})]).catch(() => {})
    return this
  }
}

describe('a proxy between clients and a server', () => {
  let servers: readonly Server[]
  let proxy: TcpProxy
  let clients: Client[]
  beforeEach(async () => {
    servers = await Promise.all(['one', 'two'].map(startServer))
    proxy = await TcpProxy.start(addressOf(servers[0] as Server))
    clients = []
  })
  afterEach(async () => {
    for (const { socket } of clients) socket.destroy()
    await proxy.close()
    for (const server of servers) server.close()
  })

  const connect = () => {
    const client = new Client(proxy.port)
    clients.push(client)
    return client
  }
  const greeted = () => connect().hears('one.')
  const closed = async (client: Client) => {
    if (!client.socket.closed) await once(client.socket, 'close').catch(() => {})
    return client
  }
  /** What was on its way has arrived once another client has come and gone through. */
  const others = async () => (await (await greeted()).run('other').hears(answerTo('other'))).heard

  it('passes everything on, in whatever pieces it comes', async () => {
    const client = await greeted()
    const bytes = Buffer.concat([packet(QUERY, 'first'), packet(PREPARE, 'second'), packet(EXECUTE, '….')])
    for (const byte of bytes) client.socket.write(Buffer.from([byte]))
    await client.hears(answerTo('second'))
    expect(client.heard).toBe(greetingOf('one') + answerTo('first') + answerTo('second'))
  })

  it('takes for a statement only what is one, with the text it was prepared from', () => {
    const said = Buffer.concat([
      packet(QUERY, 'part of a login', 1),
      packet(QUERY, '\0\x01with room for attributes'),
      packet(PREPARE, 'prepared'),
      packet(EXECUTE, '….'),
      packet(0x01, '')
    ])
    expect(new ClientCommands().push(said).flatMap(({ command }) => command ?? [])).toEqual([
      { kind: 'statement', sql: 'with room for attributes' },
      { kind: 'statement', sql: 'prepared' },
      { kind: 'quit' }
    ])
  })

  it.each([
    ['cuts', cut(50)],
    ['truncates', truncate(50)]
  ] as const)('%s an answer after as many bytes as it is told', async (_, fault) => {
    const armed = proxy.arm({ at: /bad/, fault })
    const client = await closed((await greeted()).run('bad'))
    expect(client.heard).toBe(greetingOf('one') + answerTo('bad').slice(0, 50))
    expect(armed.struck).toBe(1)
    expect(await others()).toContain(answerTo('other'))
  })

  it('strikes behind a text of the answer, in whatever pieces that comes', async () => {
    proxy.arm({ at: /bad/, fault: truncate('a bad one=xxx') })
    expect((await closed((await greeted()).run('a bad one'))).heard).toBe(`${greetingOf('one')}a bad one=xxx`)
  })

  it('does not strike where the answer is shorter', async () => {
    const armed = proxy.arm({ at: /bad/, fault: cut(10_000) })
    const client = await (await greeted()).run('bad').hears(answerTo('bad'))
    for (let round = 0; round < 60; round++) client.run(`more ${round}`)
    await client.hears(answerTo('more 59'))
    expect([client.ended, armed.struck]).toEqual(['open', 0])
  })

  it.each([
    ['cuts before the server hears of a statement', cut(null), 'ECONNRESET'],
    ['cuts an answer off', cut(), 'ECONNRESET'],
    ['ends an answer in order', truncate(0), 'in order']
  ] as const)('%s', async (_, fault, ended) => {
    proxy.arm({ at: /bad/, fault })
    expect(await closed((await greeted()).run('bad'))).toMatchObject({ heard: greetingOf('one'), ended })
  })

  it('strikes when a client connects', async () => {
    proxy.arm({ at: 'connect', nth: 2, fault: truncate(4) })
    expect(await others()).toContain(answerTo('other'))
    expect(await closed(connect())).toMatchObject({ heard: 'this', ended: 'in order' })
  })

  it('counts the moments of each fault', async () => {
    const armed: ArmedFault = { at: /bad/, nth: 2, times: 2, fault: cut() }
    const counts = proxy.arm(armed)
    const never = proxy.arm({ at: /never/, fault: cut() })
    const ends: string[] = []
    for (let round = 0; round < 4; round++) {
      const client = (await greeted()).run('bad')
      await Promise.race([client.hears(answerTo('bad')), closed(client)])
      ends.push(client.ended)
    }
    expect(ends).toEqual(['open', 'ECONNRESET', 'ECONNRESET', 'open'])
    expect([counts.struck, never.struck]).toEqual([2, 0])
  })

  it('lets a connection stall while others go on', async () => {
    proxy.arm({ at: /bad/, fault: stall(50) })
    const part = answerTo('bad').slice(0, 50)
    const client = await (await greeted()).run('bad').hears(part)
    expect(await others()).toContain(answerTo('other'))
    expect(client.run('more')).toMatchObject({ heard: greetingOf('one') + part, ended: 'open' })
  })

  it('falls silent on every connection, also on new ones', async () => {
    const before = await greeted()
    const armed = proxy.arm({ at: /bad/, fault: silence() })
    const client = (await greeted()).run('bad')
    await vi.waitUntil(() => armed.struck === 1)
    const after = connect()
    await once(after.socket, 'connect')
    before.run('unheard')
    expect([before.heard, client.heard, after.heard]).toEqual([greetingOf('one'), greetingOf('one'), ''])
    expect([before.ended, client.ended, after.ended]).toEqual(['open', 'open', 'open'])
  })

  it('goes down and comes up again at the same address', async () => {
    const { port } = proxy
    const idle = await greeted()
    proxy.arm({ at: /bad/, fault: down() })
    await closed((await greeted()).run('bad'))
    expect((await closed(idle)).ended).toBe('ECONNRESET')
    expect((await closed(connect())).ended).toBe('ECONNREFUSED')
    await proxy.up()
    expect(proxy.port).toBe(port)
    expect(await others()).toContain(answerTo('other'))
  })

  it('lets another server answer at the address', async () => {
    proxy.arm({ at: /bad/, fault: retarget(addressOf(servers[1] as Server)) })
    await closed((await greeted()).run('bad'))
    expect((await connect().hears('two.')).heard).toBe(greetingOf('two'))
  })

  it.each([
    ['late', delay(20)],
    ['slowly', throttle(5_000)]
  ] as const)('lets an answer come %s, and whole', async (_, fault) => {
    const armed = proxy.arm({ at: /slow/, fault })
    const client = await (await greeted()).run('slow').hears(answerTo('slow'))
    expect(client).toMatchObject({ heard: greetingOf('one') + answerTo('slow'), ended: 'open' })
    expect(armed.struck).toBe(1)
  })
})
