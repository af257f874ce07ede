import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { parseMessage } from '../../base/message.js'
import type { Peers } from './database.js'

export const PEERS_CHANNEL = 'eastwest_servers'

/** Each server holds it, shared, as long as it follows the database: so many are there. Two numbers, the second names it. */
const PRESENT = [20_251, 1] as const
const ANSWER_MS = 1_000
/** A notification has at most 8,000 bytes. */
const PIECE = 7_000

interface Ask {
  readonly type: 'ask'
  readonly id: string
  readonly from: string
}

/** A piece of an answer. */
interface Answer {
  readonly type: 'answer'
  readonly id: string
  readonly from: string
  readonly part: number
  readonly parts: number
  readonly text: string
}

type Word = Ask | Answer

interface Question {
  readonly wanted: number
  /** by server, its pieces */
  readonly pieces: Map<string, string[]>
  readonly answered: (answers: readonly unknown[]) => void
}

/** Questions and answers among the servers on one database, by notifications on the connection that follows it. */
export class PostgresqlPeers implements Peers {
  readonly #own = randomUUID()
  readonly #questions = new Map<string, Question>()
  #client: pg.Client | null = null
  #give: () => unknown = () => null

  /** On each new connection. */
  async join(client: pg.Client): Promise<void> {
    await client.query('select pg_advisory_lock_shared($1, $2)', [...PRESENT])
    await client.query(`listen ${PEERS_CHANNEL}`)
    this.#client = client
  }

  answer(give: () => unknown): void {
    this.#give = give
  }

  async ask(): Promise<readonly unknown[]> {
    try {
      return await this.#ask()
    } catch {
      // without a connection nobody can say who is there
      return [null]
    }
  }

  async #ask(): Promise<readonly unknown[]> {
    const client = this.#client!
    const wanted = (await present(client)) - 1
    if (wanted <= 0) return []
    const id = randomUUID()
    let timer: NodeJS.Timeout | undefined
    const answers = new Promise<readonly unknown[]>((answered) => {
      const question = { wanted, pieces: new Map<string, string[]>(), answered }
      this.#questions.set(id, question)
      timer = setTimeout(() => answered(answersOf(question)), ANSWER_MS)
    })
    try {
      await say(client, { type: 'ask', id, from: this.#own })
      return await answers
    } finally {
      clearTimeout(timer)
      this.#questions.delete(id)
    }
  }

  /** What came on the channel. */
  hear(payload: string): void {
    const word = parseMessage<Word>(Buffer.from(payload))
    if (!word || word.from === this.#own) return
    if (word.type === 'ask') void this.#tell(word.id).catch(() => {})
    else if (word.type === 'answer') this.#note(word)
  }

  async #tell(id: string): Promise<void> {
    const client = this.#client
    if (!client) return
    const text = Buffer.from(JSON.stringify(this.#give())).toString('base64')
    const parts = Math.ceil(text.length / PIECE)
    for (let part = 0; part < parts; part++) {
      const piece = text.slice(part * PIECE, (part + 1) * PIECE)
      await say(client, { type: 'answer', id, from: this.#own, part, parts, text: piece })
    }
  }

  #note({ id, from, part, parts, text }: Answer): void {
    const question = this.#questions.get(id)
    if (!question) return
    const pieces = question.pieces.get(from) ?? Array.from<string>({ length: parts })
    pieces[part] = text
    question.pieces.set(from, pieces)
    const answers = answersOf(question)
    if (!answers.includes(null)) question.answered(answers)
  }
}

/** Null for each server that has not answered, or not with all. */
function answersOf({ wanted, pieces }: Question): unknown[] {
  const whole = [...pieces.values()].filter((parts) => !parts.includes(undefined as never))
  const answers: unknown[] = whole.map((parts) => JSON.parse(Buffer.from(parts.join(''), 'base64').toString()))
  while (answers.length < wanted) answers.push(null)
  return answers
}

async function say(client: pg.Client, word: Word): Promise<void> {
  await client.query('select pg_notify($1, $2)', [PEERS_CHANNEL, JSON.stringify(word)])
}

async function present(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(*) as n from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.locktype = 'advisory' and l.granted
        and l.classid = $1 and l.objid = $2 and l.objsubid = 2`,
    [...PRESENT],
  )
  return Number(rows[0]!.n)
}
