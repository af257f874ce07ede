import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { migrationStates, upgrade } from './manage.js'
import { MIGRATIONS } from './migrations/index.js'
import { openStore } from './open.js'

it('tells which migrations are due, and carries them out once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'eastwest-manage-'))
  const connection = `sqlite:///${directory}/neutron.sqlite`
  const options = { poolSize: 1, log: null }
  try {
    const names = Object.keys(MIGRATIONS).sort()
    const due = async () => (await migrationStates(connection, options)).filter(({ executedAt }) => executedAt === null)
    assert.deepEqual(
      (await due()).map(({ name }) => name),
      names,
    )
    assert.deepEqual(await upgrade(connection, options), names)
    assert.deepEqual([await due(), await upgrade(connection, options)], [[], []])
    const store = await openStore(connection)
    assert.equal(store.revision, 0)
    await store.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
})
