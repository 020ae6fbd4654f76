import { GenericContainer, getContainerRuntimeClient, Network, type StartedTestContainer, Wait } from 'testcontainers'
import type { RunningServer } from './adopted-lab.js'

const PORT = 3306
const PASSWORD = 'lab'

/** Servers in containers, and the way to end them. */
export interface Containers {
  readonly servers: readonly RunningServer[]
  readonly stop: () => Promise<void>
}

/** Whether a container engine answers. */
export async function engineAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient()
    return true
  } catch {
    return false
  }
}

/** Starts `count` servers of one image in a network of their own, set up to replicate like the masters of a lab. */
export async function startContainers(image: string, count: number): Promise<Containers> {
  const network = await new Network().start()
  const indexes = Array.from({ length: count }, (_, index) => index)
  const started = await Promise.allSettled(indexes.map((index) => startOne(image, index, count, network)))
  const containers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const stop = async () => {
    await Promise.all(containers.map((container) => container.stop()))
    await network.stop()
  }
  const failed = started.find((each) => each.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return { servers: containers.map((container, index) => serverOf(container, index)), stop }
}

function startOne(
  image: string,
  index: number,
  count: number,
  network: Awaited<ReturnType<Network['start']>>
): Promise<StartedTestContainer> {
  return (
    new GenericContainer(image)
      .withEnvironment({ MYSQL_ROOT_PASSWORD: PASSWORD, MARIADB_ROOT_PASSWORD: PASSWORD })
      .withNetwork(network)
      .withNetworkAliases(alias(index))
      .withCommand(serverFlags(image.includes('mariadb'), index + 1, count))
      .withExposedPorts(PORT)
      // The server with which an image sets itself up listens on no port.
      .withWaitStrategy(Wait.forLogMessage(/Version: .* port: 3306\b/, 1))
      .withStartupTimeout(180_000)
      .start()
  )
}

function serverFlags(mariadb: boolean, serverId: number, count: number): string[] {
  const common = [
    `--server-id=${serverId}`,
    '--log-bin=binlog',
    '--binlog-format=ROW',
    `--auto-increment-increment=${count}`,
    `--auto-increment-offset=${serverId}`,
    '--innodb-buffer-pool-size=64M',
    '--innodb-flush-log-at-trx-commit=0',
    '--sync-binlog=0'
  ]
  return mariadb
    ? [...common, '--log-slave-updates', `--gtid-domain-id=${serverId}`, '--gtid-strict-mode']
    : [...common, '--gtid-mode=ON', '--enforce-gtid-consistency=ON']
}

function serverOf(container: StartedTestContainer, index: number): RunningServer {
  return {
    host: container.getHost(),
    port: container.getMappedPort(PORT),
    user: 'root',
    password: PASSWORD,
    seenByOthers: { host: alias(index), port: PORT }
  }
}

function alias(index: number): string {
  return `master-${index + 1}`
}
