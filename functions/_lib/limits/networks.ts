import { BlockList, isIPv6 } from 'node:net'
import * as z from 'zod'
import { jsonVariable } from '../process/config.ts'
import { variable } from '../variables/variable.ts'

/** A variable with networks as one JSON array of CIDRs: `["10.0.0.0/16","::1/128"]`. */
export const networksVariable = jsonVariable(
  z.array(z.union([z.cidrv4(), z.cidrv6()], 'expected networks as CIDRs, such as "10.0.0.0/16"')).transform(networksOf),
)

/** This machine, from which a port-forward into the cluster connects. */
export const loopback: readonly string[] = ['127.0.0.0/8', '::1/128']

/** Networks of our own proxies: this machine (queue-proxy, port-forwards), the VPC (the ALB), the pods (Kourier, the activator). */
export const trustedProxies: readonly string[] = [...loopback, '10.0.0.0/16', '192.168.0.0/16']

const networks = (standard: readonly string[]) =>
  variable(networksVariable.prefault(JSON.stringify(standard)), { value: JSON.stringify(standard) })

/** The variable for `clientAddressOf`. */
export const proxies = () => ({
  /** Networks of proxies whose entries in `X-Forwarded-For` are trusted. */
  TRUSTED_PROXIES: networks(trustedProxies),
})

/** Networks that may reach routes for operators: this machine and private networks. */
export const operatorNetworks: readonly string[] = [...loopback, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** The variables of a function with routes for operators. */
export const operatorAddresses = () => ({
  ...proxies(),
  /** Networks of operators. Requests from elsewhere are answered with 404. */
  OPERATOR_NETWORKS: networks(operatorNetworks),
})

/**
 * Makes a list of networks from CIDRs, for `isWithin`. `BlockList` itself compares IPv4-mapped IPv6 addresses as IPv4. Throws for a text
 * that is no CIDR; `networksVariable` has checked those of the environment.
 */
export function networksOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an IPv4 or IPv6 address is in one of the networks; false for any other text. */
export const isWithin = (networks: BlockList, address: string): boolean =>
  networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
