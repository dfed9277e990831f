import { BlockList, isIP } from "node:net"
import { str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("net")

const privateBlocks = blocks(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"])

family.fixed("ipValid(text) bool", "whether text is an IP address", (run, ip) => isIP(str(run, ip)) !== 0)
family.fixed("ipIsPrivate(text) bool", "whether text is an IP address of a private network", (run, ip) =>
  holds(privateBlocks, str(run, ip)),
)
family.fixed(
  "cidrContains(cidr, ip) bool",
  "whether the block holds the address; false when one is malformed",
  (run, cidr, ip) => {
    const spelled = str(run, cidr)
    return isCidr(spelled) && holds(blocks([spelled]), str(run, ip))
  },
)

function blocks(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = "", prefix = ""] = cidr.split("/")
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? "ipv6" : "ipv4")
  }
  return list
}

function isCidr(spelled: string): boolean {
  const [address = "", prefix = "", ...rest] = spelled.split("/")
  const kind = isIP(address)
  return kind !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (kind === 6 ? 128 : 32)
}

function holds(list: BlockList, ip: string): boolean {
  const kind = isIP(ip)
  return kind !== 0 && list.check(ip, kind === 6 ? "ipv6" : "ipv4")
}

/** Functions on addresses. */
export const network = family.defs
