const values = "a value here is one template; name pieces under notes, or use a Motif"
const secrets = "declare it as a Secret with tls or once, which is made one time and kept"
const environment = "the operator's environment is not for custom resources"
const asks = "a template asks nobody; use external or cross, and read the answer"

/** Functions that Helm's authors know and that do not exist here, with what to do instead. */
const refused: ReadonlyMap<string, string> = new Map([
  ["include", values],
  ["tpl", values],
  ["template", values],
  ["call", "there are no functions as values"],
  ["env", environment],
  ["expandenv", environment],
  ["getHostByName", asks],
  ..."bcrypt htpasswd genPrivateKey derivePassword buildCustomCert genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey encryptAES decryptAES"
    .split(" ")
    .map((name): [string, string] => [name, secrets]),
  ...["toToml", "fromToml"].map((name): [string, string] => [name, "write TOML as text, or use toYaml and toJson"]),
])

/** Why a function of Helm's is not here, and what to do instead. */
export function refusal(name: string): string | undefined {
  return refused.get(name)
}
