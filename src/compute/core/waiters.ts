/** Those who wait for something to become true of an instance; looked at whenever something happened to it. */
export class Waiters {
  readonly #waiters = new Map<string, Set<() => void>>()

  /** Resolves when `holds` does, or `timeout` milliseconds are over; to whether it does. */
  until(id: string, holds: () => boolean, timeout: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true)
    const waiters = this.#waiters.get(id) ?? new Set()
    this.#waiters.set(id, waiters)
    return new Promise((resolve) => {
      const finish = (held: boolean) => {
        clearTimeout(timer)
        waiters.delete(look)
        if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id)
        resolve(held)
      }
      const look = () => holds() && finish(true)
      const timer = setTimeout(() => finish(holds()), timeout)
      timer.unref()
      waiters.add(look)
    })
  }

  wake(id: string): void {
    for (const look of [...(this.#waiters.get(id) ?? [])]) look()
  }

  wakeAll(): void {
    for (const id of [...this.#waiters.keys()]) this.wake(id)
  }
}
