import assert from 'node:assert/strict'
import type { Dashboard } from './dashboard.js'
import { complaintsOf, type Form, formsOf, linksOf, rowsOf, textOf } from './html.js'

/** What is typed into a form: a value per field, several for lists, null to leave a box unticked. */
export type Entries = Readonly<Record<string, string | number | boolean | readonly string[] | null>>

/** A page as it was answered, redirects followed. */
export class Page {
  readonly url: URL
  readonly status: number
  readonly html: string

  constructor(url: URL, status: number, html: string) {
    this.url = url
    this.status = status
    this.html = html
  }

  get complaints(): string[] {
    return complaintsOf(this.html)
  }

  get rows(): Map<string, string> {
    return rowsOf(this.html)
  }

  get links(): string[] {
    return linksOf(this.html)
  }

  get text(): string {
    return textOf(this.html)
  }

  /** The form that has all these fields. */
  form(...fields: readonly string[]): Form {
    const found = formsOf(this.html).find((form) => fields.every((field) => form.fields.has(field)))
    if (found) return found
    throw new Error(`no form with ${fields.join(', ')} on ${this.url}: ${this.text.slice(0, 500)}`)
  }

  /** The value that a list offers under a label. */
  choice(field: string, label: RegExp): string {
    const choices = this.form(field).choices.get(field) ?? []
    const found = choices.find((one) => label.test(one.label))
    if (found) return found.value
    throw new Error(`${field} does not offer ${label}: ${choices.map((one) => one.label).join('; ')}`)
  }
}

/** One person at a browser: cookies, redirects and forms, no scripts. */
export class Browser {
  readonly #dashboard: Pick<Dashboard, 'url' | 'log'>
  readonly #cookies = new Map<string, string>()

  constructor(dashboard: Pick<Dashboard, 'url' | 'log'>) {
    this.#dashboard = dashboard
  }

  async get(path: string): Promise<Page> {
    return this.#follow(new URL(path, this.#dashboard.url), { method: 'GET' })
  }

  /** Reads a page that must be there and must not complain. */
  async read(path: string): Promise<Page> {
    return this.#content(await this.get(path))
  }

  /** Fills in a page's form and sends it: the form that has the fields that are filled in. */
  async submit(page: Page, entries: Entries): Promise<Page> {
    const form = page.form(...Object.keys(entries))
    const values = new URLSearchParams(form.values)
    for (const [name, value] of Object.entries(entries)) {
      values.delete(name)
      for (const one of asList(value)) values.append(name, offered(form, name, one))
    }
    return this.#send(new URL(form.action || page.url.href, page.url), values)
  }

  /** Fills in the form of a page (read first, if it is not open yet) and sends it; the answer must not complain. */
  async fill(where: string | Page, entries: Entries): Promise<Page> {
    return this.#content(await this.submit(await this.#open(where), entries))
  }

  /** Presses a button of a table, or of a row of it, with rows ticked. */
  async press(where: string | Page, action: string, ...ticked: readonly string[]): Promise<Page> {
    const page = await this.#open(where)
    assert.ok(page.html.includes(`"${action}"`), `${page.url} offers no ${action}`)
    const values = new URLSearchParams({ action, csrfmiddlewaretoken: this.#token() })
    for (const id of ticked) values.append('object_ids', id)
    return this.#content(await this.#send(page.url, values))
  }

  /** A request as the page's scripts make it; resolves to the JSON answer (null: none). */
  async script<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { 'X-Requested-With': 'XMLHttpRequest', 'X-CSRFToken': this.#token() }
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await this.#fetch(new URL(path, this.#dashboard.url), {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      ...init,
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text.slice(0, 500)}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }

  async #open(where: string | Page): Promise<Page> {
    return typeof where === 'string' ? this.read(where) : where
  }

  /** The page, if it is what was asked for and has nothing to complain about. */
  #content(page: Page): Page {
    const why = page.status < 500 ? page.text.slice(0, 500) : this.#dashboard.log().slice(-4000)
    assert.equal(page.status, 200, `${page.url}: ${why}`)
    assert.deepEqual(page.complaints, [], `${page.url}`)
    return page
  }

  #token(): string {
    return this.#cookies.get('csrftoken') ?? ''
  }

  async #send(url: URL, body: URLSearchParams): Promise<Page> {
    return this.#follow(url, { method: 'POST', body, headers: { Referer: url.href } })
  }

  async #follow(url: URL, init: RequestInit): Promise<Page> {
    let answer = await this.#fetch(url, init)
    for (let hops = 0; answer.status === 302 && hops < 5; hops++) {
      url = new URL(answer.headers.get('location')!, url)
      answer = await this.#fetch(url, { method: 'GET' })
    }
    return new Page(url, answer.status, await answer.text())
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^\s*([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0\b/i.test(line)) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return answer
  }
}

function asList(value: Entries[string]): readonly string[] {
  if (Array.isArray(value)) return value
  if (value === null || value === false) return []
  return [value === true ? 'on' : String(value)]
}

/** The value, if it can be typed in or is one of those to choose from. */
function offered(form: Form, name: string, value: string): string {
  const choices = form.choices.get(name)?.map((choice) => choice.value) ?? [value]
  assert.ok(choices.includes(value), `${form.action} offers ${choices.join(', ')} as ${name}, not ${value}`)
  return value
}
