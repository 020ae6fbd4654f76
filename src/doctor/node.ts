import type { Node } from '../masters/topology.js'
import { isOn, type MasterFacts, seen, variable } from './facts.js'

/** A master as a server that replicates. Only where its channels could be read does that tell who follows whom. */
export function nodeOf(facts: MasterFacts): Node {
  return {
    name: facts.info.name,
    serverId: facts.info.serverId,
    relays: isOn(facts, facts.capabilities.relayVariable),
    group: variable(facts, 'group_replication_group_name')?.value || null,
    channels: seen(facts.parts.channels) ?? []
  }
}
