import { existsSync } from 'node:fs'
import { runCommand } from '../dataplane/command/host.js'

/** What the nodes are prepared for: the kernel's datapath, the userspace one, the same with segmentation offload. */
export type LabDatapath = 'system' | 'netdev' | 'netdev-tso'

/** What a user may ask for. */
export const DATAPATH_CHOICES = ['auto', 'plain', 'fast'] as const
export type DatapathChoice = (typeof DATAPATH_CHOICES)[number]

/** Choice of a lab that was not asked for any: for running everything in another profile. */
export function defaultChoice(): DatapathChoice {
  const wanted = process.env.EASTWEST_LAB_DATAPATH
  return DATAPATH_CHOICES.find((choice) => choice === wanted) ?? 'auto'
}

/** `auto` takes the kernel's datapath where the machine has it; the other two are userspace ones. */
export async function chooseDatapath(choice: DatapathChoice): Promise<LabDatapath> {
  if (choice === 'plain') return 'netdev'
  if (choice === 'fast') return 'netdev-tso'
  return (await hasKernelDatapath()) ? 'system' : AUTO
}

/** What `auto` means on machines without the kernel's datapath. */
const AUTO: LabDatapath = 'netdev'

async function hasKernelDatapath(): Promise<boolean> {
  if (existsSync('/sys/module/openvswitch')) return true
  try {
    await runCommand(['modprobe', 'openvswitch'])
    return true
  } catch {
    return false
  }
}
