import { join } from 'node:path'
import { waitForLock } from '../../src/files/lock.js'
import { runProgram } from '../../src/lab/children.js'
import { cacheFolder } from '../../src/lab/environment.js'
import { isRoot } from '../../src/lab/processes.js'
import { messageOf } from '../../src/model/errors.js'

/** Installs a Debian package that is missing. @returns why it is not there; `null` when it is. */
export async function whyNotInstalled(name: string, isThere: () => boolean): Promise<string | null> {
  if (isThere()) return null
  if (!isRoot()) return `${name} is not installed, and only root can do that`
  try {
    await waitForLock(join(cacheFolder(), 'install.lock'), `installing ${name}`, async () => {
      if (isThere()) return
      const env = { DEBIAN_FRONTEND: 'noninteractive' }
      await runProgram('apt-get', ['update'])
      await runProgram('apt-get', ['install', '--yes', '--no-install-recommends', name], { env })
    })
    return isThere() ? null : `${name} was installed, and is not as expected`
  } catch (error) {
    return messageOf(error)
  }
}
