import { type PortRow, ports } from '../../store/ports.js'
import { revise } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'

/** Writes fields of a port (or only notes that its addresses changed) as one more revision of it. */
export async function portChanged(
  tx: Transaction,
  port: Pick<PortRow, 'id' | 'revisionNumber'>,
  patch: Partial<PortRow> = {},
): Promise<void> {
  await revise(tx, ports, port, patch)
  tx.touch('port', port.id)
}
