import type { AgentMessage, HelloMessage, ServerMessage } from './contracts/messages.js'

/**
 * What carries messages between server and agents. A *session* is one agent's stream: messages arrive in order, each
 * at most once, until the session ends; whatever is lost ends it, and the agent begins the next one with a hello.
 */

/** The server's end of a session. */
export interface Session {
  send(message: ServerMessage): void
  /** Ends the session; the agent says hello again. */
  terminate(): void
  /** null: what came is no message */
  onMessage(listener: (message: AgentMessage | null) => void): void
  onClose(listener: () => void): void
}

/** Takes a session that begins; its first message is the agent's hello. */
export type Accept = (session: Session, host: string) => void

export interface TransportStatus {
  /** whether agents can reach this server */
  readonly connected: boolean
  /** how often that ended since the server started */
  readonly losses: number
}

export interface ServerTransport {
  /** port that is listened on; null when there is none */
  readonly port: number | null
  status(): TransportStatus
  close(): Promise<void>
}

/** What an agent's end of a session calls. */
export interface ClientHandlers {
  /** what a session begins with */
  hello(): HelloMessage
  connected(): void
  disconnected(): void
  message(message: ServerMessage): void
}

/** The agent's end. It begins a new session whenever the last one was lost, for ever. */
export interface ClientTransport {
  readonly connected: boolean
  start(): void
  stop(): void
  /** dropped while there is no session */
  send(message: AgentMessage): void
  /** breaks the session, as a failing network would */
  interrupt(): void
}
