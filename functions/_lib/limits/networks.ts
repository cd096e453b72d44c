import { BlockList, isIPv6 } from 'node:net'
import * as z from 'zod'
import { jsonVariable } from '../process/config.ts'
import { variable } from '../variables/variable.ts'

/** Networks as one JSON array of CIDRs: `["10.0.0.0/16","::1/128"]`. */
export const networksVariable = jsonVariable(
  z.array(z.union([z.cidrv4(), z.cidrv6()], 'expected networks as CIDRs, such as "10.0.0.0/16"')).transform(networksOf),
)

/** This machine: what a port-forward into the cluster comes from. */
export const loopback: readonly string[] = ['127.0.0.0/8', '::1/128']

/** Where our own proxies are: this machine (queue-proxy, port-forwards), the VPC (the ALB), the pods (Kourier, the activator). */
export const trustedProxies: readonly string[] = [...loopback, '10.0.0.0/16', '192.168.0.0/16']

const networks = (standard: readonly string[]) =>
  variable(networksVariable.prefault(JSON.stringify(standard)), { value: JSON.stringify(standard) })

/** Telling the address of a client. */
export const proxies = () => ({
  /** Networks whose entries in `X-Forwarded-For` are believed. */
  TRUSTED_PROXIES: networks(trustedProxies),
})

/** From where routes for operators are there at all: this machine and private networks. */
export const operatorNetworks: readonly string[] = [...loopback, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** Routes that only operators can reach. */
export const operatorAddresses = () => ({
  ...proxies(),
  /** Networks that operators come from. To anybody else their routes do not exist. */
  OPERATOR_NETWORKS: networks(operatorNetworks),
})

/**
 * A list that tells addresses of these CIDRs, as `networksVariable` has checked them. Throws for what is no network. IPv4 inside of
 * IPv6 is compared as IPv4 by `BlockList` itself.
 */
export function networksOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an IPv4 or IPv6 address is in one of the networks; false for what is no address. */
export const isWithin = (networks: BlockList, address: string): boolean =>
  networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
