/** An element's start or end in a page. */
interface Tag {
  readonly name: string
  readonly closing: boolean
  readonly attributes: ReadonlyMap<string, string>
  /** where the tag begins, and the text behind it */
  readonly start: number
  readonly end: number
}

const TAG =
  /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-zA-Z][\w-]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?|\s*\/)*)\s*>/g
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function* tagsOf(html: string): Generator<Tag> {
  for (const match of html.matchAll(TAG)) {
    const [whole, , slash, name, attributes = ''] = match
    if (!name) continue
    const pairs = [...attributes.matchAll(ATTRIBUTE)].map(
      ([, key = '', ...values]) => [key, decode(values.find((value) => value !== undefined) ?? '')] as const,
    )
    const start = match.index
    yield {
      name: name.toLowerCase(),
      closing: slash === '/',
      attributes: new Map(pairs),
      start,
      end: start + whole.length,
    }
  }
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16))
  })
}

/** What a reader sees of a piece of a page. */
export function textOf(html: string): string {
  return decode(html.replace(TAG, ' ')).replace(/\s+/g, ' ').trim()
}

export interface Choice {
  readonly value: string
  readonly label: string
}

/** A form as a browser holds it before anything is typed. */
export interface Form {
  readonly action: string
  readonly method: string
  /** what would be sent, as it stands */
  readonly values: URLSearchParams
  /** names of the fields that can be filled in, whether they would be sent or not */
  readonly fields: ReadonlySet<string>
  /** of each select, radio and checkbox field */
  readonly choices: ReadonlyMap<string, readonly Choice[]>
}

/** The forms of a page (HTML 4.01, 17.13.2: successful controls; a submit button is added by who presses it). */
export function formsOf(html: string): Form[] {
  const forms: Form[] = []
  let reader: FormReader | null = null
  for (const tag of tagsOf(html)) {
    if (tag.name === 'form' && !tag.closing) {
      reader = new FormReader(html, tag)
      forms.push(reader)
    } else if (tag.name === 'form') reader = null
    else reader?.take(tag)
  }
  return forms
}

class FormReader implements Form {
  readonly action: string
  readonly method: string
  readonly values = new URLSearchParams()
  readonly fields = new Set<string>()
  readonly choices = new Map<string, Choice[]>()
  readonly #html: string
  #select: { name: string; multiple: boolean; chosen: boolean } | null = null

  constructor(html: string, { attributes }: Tag) {
    this.#html = html
    this.action = attributes.get('action') ?? ''
    this.method = (attributes.get('method') ?? 'get').toUpperCase()
  }

  take(tag: Tag): void {
    const name = tag.attributes.get('name') ?? ''
    if (tag.name === 'input' && name) this.#input(name, tag.attributes)
    else if (tag.name === 'textarea' && !tag.closing) this.#add(name, this.#textBehind(tag))
    else if (tag.name === 'select') this.#beginOrEndSelect(name, tag)
    else if (tag.name === 'option' && !tag.closing) this.#option(tag)
  }

  #add(name: string, value: string): void {
    this.fields.add(name)
    this.values.append(name, value)
  }

  #input(name: string, attributes: ReadonlyMap<string, string>): void {
    const type = attributes.get('type')?.toLowerCase() ?? 'text'
    if (['submit', 'button', 'image', 'reset', 'file'].includes(type) || attributes.has('disabled')) return
    if (type === 'radio' || type === 'checkbox') this.#box(name, attributes)
    else this.#add(name, attributes.get('value') ?? '')
  }

  #box(name: string, attributes: ReadonlyMap<string, string>): void {
    const value = attributes.get('value') ?? 'on'
    this.fields.add(name)
    this.#choice(name, { value, label: value })
    if (attributes.has('checked')) this.values.append(name, value)
  }

  #beginOrEndSelect(name: string, tag: Tag): void {
    const ended = this.#select
    // a list that drops down shows its first option when none is marked
    if (tag.closing && ended && !ended.chosen && !ended.multiple) {
      const first = this.choices.get(ended.name)?.[0]
      if (first) this.values.append(ended.name, first.value)
    }
    this.#select = tag.closing ? null : { name, multiple: tag.attributes.has('multiple'), chosen: false }
    if (this.#select) this.fields.add(name)
    if (this.#select && !this.choices.has(name)) this.choices.set(name, [])
  }

  #option(tag: Tag): void {
    if (!this.#select) return
    const label = textOf(this.#textBehind(tag))
    const value = tag.attributes.get('value') ?? label
    this.#choice(this.#select.name, { value, label })
    if (!tag.attributes.has('selected')) return
    this.#select.chosen = true
    this.values.append(this.#select.name, value)
  }

  #choice(name: string, choice: Choice): void {
    this.choices.set(name, [...(this.choices.get(name) ?? []), choice])
  }

  /** up to the next tag; the line break that begins a textarea is none of its text */
  #textBehind({ end }: Tag): string {
    const stop = this.#html.indexOf('<', end)
    return decode(this.#html.slice(end, stop).replace(/^\r?\n/, ''))
  }
}

/** The rows of a page's tables by the id of the object that they show. */
export function rowsOf(html: string): Map<string, string> {
  const rows = new Map<string, string>()
  let open: { id: string; start: number } | null = null
  for (const tag of tagsOf(html)) {
    if (tag.name !== 'tr') continue
    if (open) rows.set(open.id, html.slice(open.start, tag.start))
    const id = tag.closing ? undefined : tag.attributes.get('data-object-id')
    open = id === undefined ? null : { id, start: tag.end }
  }
  return rows
}

/** What a page complains about: messages at its top, and errors beside the fields of its forms. */
export function complaintsOf(html: string): string[] {
  const shown = html.replace(/<noscript>[\s\S]*?<\/noscript>/g, '')
  const messages = shown.matchAll(/<div class="alert alert-(?:danger|warning)[^>]*>([\s\S]*?)<\/div>/g)
  const fields = shown.matchAll(/<span class="help-block\s*(?:error|has-error)?\s*">([\s\S]*?)<\/span>/g)
  return [...messages, ...fields].map(([, text = '']) => textOf(text))
}

/** Where a page leads, without those that leave the site. */
export function linksOf(html: string): string[] {
  const links = [...tagsOf(html)].flatMap(({ name, attributes }) =>
    name === 'a' && attributes.has('href') ? [attributes.get('href')!] : [],
  )
  return [...new Set(links.filter((link) => link.startsWith('/')))]
}
