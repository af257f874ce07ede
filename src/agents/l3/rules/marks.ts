/** Packet marks (reference: L3 agent, §7.5). */
export const METADATA_MARK = '0x1/0xffff'
export const EXTERNAL_MARK = '0x2/0xffff'
/** address scope "none": ids start at 1024, and the id is in the upper half of the mark */
export const SCOPE_MARK = '0x4000000/0xffff0000'
export const SCOPE_MASK = '--nfmask 0xffff0000 --ctmask 0xffff0000'
export const NO_SCOPE = '0x0/0xffff0000'
