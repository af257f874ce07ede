import { agentSection, commonDefault } from './common.js'
import { bool, ignored, int, oneOf, optionalStr, str } from './options.js'
import { rabbitSection } from './transport.js'

/** Files of neutron-metadata-agent when none is named; later ones win. */
export const METADATA_AGENT_FILES = ['/etc/neutron/neutron.conf', '/etc/neutron/metadata_agent.ini']

export const metadataAgentOptions = {
  DEFAULT: {
    ...commonDefault,
    nova_metadata_host: str('127.0.0.1', { aliases: ['nova_metadata_ip'] }),
    nova_metadata_port: int(8775),
    nova_metadata_protocol: oneOf(['http', 'https'], 'http'),
    nova_metadata_insecure: bool(false),
    metadata_proxy_shared_secret: str(''),
    /** null: `<state_path>/metadata_proxy` */
    metadata_proxy_socket: optionalStr(),
    metadata_workers: ignored('one process answers all requests'),
    metadata_backlog: ignored('the backlog is 4096'),
    cache_url: ignored('the agent knows its instances without asking'),
  },
  oslo_messaging_rabbit: rabbitSection,
  agent: agentSection,
}
