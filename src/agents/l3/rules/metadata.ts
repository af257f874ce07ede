import type { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'
import { METADATA_MARK } from './marks.js'

/** Requests of instances for their metadata go to the proxy in the namespace; nobody else reaches its port. */
export function addMetadata(rules: WrappedRules, address: string, port: number): void {
  const request = `-d ${address} -i qr-+ -p tcp -m tcp --dport 80`
  rules
    .add('mangle', 'PREROUTING', `${request} -j MARK --set-xmark ${METADATA_MARK}`)
    .add('nat', 'PREROUTING', `${request} -j REDIRECT --to-ports ${port}`)
    .add('filter', 'INPUT', `-m mark --mark ${METADATA_MARK} -j ACCEPT`)
    .add('filter', 'INPUT', `-p tcp -m tcp --dport ${port} -j DROP`)
}

export const METADATA_IP = '169.254.169.254/32'
export const METADATA_IP6 = 'fe80::a9fe:a9fe/128'
