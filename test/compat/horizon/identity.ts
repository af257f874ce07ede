import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Browser } from './browser.js'
import { rowWith, type Visit } from './visit.js'

const PROJECTS = '/identity/'
const USERS = '/identity/users/'
const GROUPS = '/identity/groups/'
const CREDENTIALS = '/identity/application_credentials/'

/** The panels of identity: projects, users, groups, roles by an administrator, application credentials by their user. */
export function identity(visit: () => Visit): void {
  it('makes a project, a user and a group that belong together', async () => {
    const { admin, dashboard } = visit()
    const projects = await admin.fill(`${PROJECTS}create`, { name: 'team', description: 'made in a browser' })
    const project = rowWith(projects, 'made in a browser')
    const form = await admin.read(`${USERS}create/`)
    const member = form.choice('role_id', /^member$/)
    const password = { password: 'first-secret', confirm_password: 'first-secret' }
    const person = { name: 'ann', email: 'ann@example.org', ...password }
    const users = await admin.fill(form, { ...person, project, role_id: member })
    const user = rowWith(users, 'ann@example.org')
    await admin.fill(`${USERS}${user}/update/`, { name: 'anna', email: 'ann@example.org', project })
    const next = { password: 'second-secret', confirm_password: 'second-secret' }
    await admin.fill(`${USERS}${user}/change_password/`, next)
    const anna = new Browser(dashboard)
    const home = await anna.fill('/auth/login/', { username: 'anna', password: 'second-secret' })
    assert.match(home.text, /team/)
    const own = { current_password: 'second-secret', new_password: 'third-secret', confirm_password: 'third-secret' }
    await anna.fill('/settings/password/', own)

    const groups = await admin.fill(`${GROUPS}create`, { name: 'crew', description: 'a group' })
    const group = rowWith(groups, 'a group')
    await admin.fill(`${GROUPS}${group}/update/`, { name: 'crew2', description: 'a group' })
    await admin.press(`${GROUPS}${group}/add_members/`, 'group_non_members__add', user)
    const members = `${GROUPS}${group}/manage_members/`
    const crew = await admin.read(members)
    rowWith(crew, 'anna')
    const roles = { [`update_group_members_role_${member}`]: [group] }
    await admin.fill(`${PROJECTS}${project}/update/`, { ...roles, description: 'changed' })
    for (const page of [`${PROJECTS}${project}/detail/`, `${USERS}${user}/detail/`, `${PROJECTS}${project}/usage/`])
      await admin.read(page)
    await admin.press(crew, 'group_members__removeGroupMember', user)
    await admin.press(USERS, `users__toggle__${user}`)
    const later = new Browser(dashboard)
    const entries = { username: 'anna', password: 'third-secret' }
    const refused = await later.submit(await later.get('/auth/login/'), entries)
    assert.match(refused.complaints.join(), /Invalid credentials/)
    await admin.press(GROUPS, `groups__delete__${group}`)
    await admin.press(USERS, `users__delete__${user}`)
    await admin.press(PROJECTS, `tenants__delete__${project}`)
  })

  it('makes roles, as the panel’s scripts do', async () => {
    const { admin } = visit()
    await admin.read('/identity/roles/')
    const role = await admin.script<{ id: string }>('POST', '/api/keystone/roles/', { name: 'auditor' })
    await admin.script('PATCH', `/api/keystone/roles/${role.id}`, { name: 'inspector' })
    const { items } = await admin.script<{ items: { name: string }[] }>('GET', '/api/keystone/roles/')
    assert.ok(items.some(({ name }) => name === 'inspector'))
    await admin.script('DELETE', `/api/keystone/roles/${role.id}`)
  })

  it('makes application credentials that others can sign in with', async () => {
    const { demo, lab } = visit()
    const made = await demo.fill(`${CREDENTIALS}create/`, { name: 'robot', secret: 'robot-secret', roles: ['reader'] })
    const id = made.form('app_cred_id').values.get('app_cred_id') ?? ''
    const robot = { methods: ['application_credential'], application_credential: { id, secret: 'robot-secret' } }
    const answer = await lab.demo.identity.post<{ token: { roles: { name: string }[] } }>('/v3/auth/tokens', {
      auth: { identity: robot },
    })
    assert.deepEqual(
      answer.token.roles.map(({ name }) => name),
      ['reader'],
    )
    await demo.read(`${CREDENTIALS}${id}/detail/`)
    await demo.press(CREDENTIALS, `application_credentials__delete__${id}`)
  })

  it('shows who may not administrate nothing of administration', async () => {
    const { demo } = visit()
    assert.doesNotMatch((await demo.read('/project/networks/')).html, /href="\/admin\//)
    for (const path of ['/admin/networks/', '/admin/info/']) {
      const page = await demo.get(path)
      assert.ok(page.status === 403 || page.url.pathname === '/auth/login/', `${path}: ${page.status}`)
    }
  })
}
