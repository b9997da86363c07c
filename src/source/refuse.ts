/** Reasons to leave a file out: by its name before it is read, by its content after. */

const SECRET_NAMES =
  /^(?:\.env.*|.*\.(?:env|pem|key|p12|pfx|pkcs12|p8|jks|keystore|kdbx?|ppk|asc|gpg|ovpn|tfstate|tfvars)|id_(?:rsa|dsa|ecdsa|ed25519).*|.*credentials?.*\.(?:json|ya?ml|ini|csv)|\.?credentials|client_secret.*\.json|service[-_]?account.*\.json|secrets?\.(?:json|ya?ml|toml|ini|txt)|\.npmrc|\.yarnrc(?:\.yml)?|\.netrc|_netrc|\.pypirc|\.pgpass|\.my\.cnf|\.git-credentials|\.htpasswd|\.dockercfg|\.dockerconfigjson|kubeconfig|\.vault-token|\.?(?:bash|zsh|sh|psql|mysql|python|node_repl)_history)$/i;
const GENERATED_NAMES =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|.*\.(?:lock|min\.(?:js|css)|map))$/i;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;

/** By kind of format: a binary one is mostly pictures and fonts. */
export const MAX_FILE_BYTES = { text: 10_000_000, binary: 50_000_000 };
/** Of the text that is in a binary one, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 10_000_000;

export function refuseName(name: string): string | undefined {
  if (SECRET_NAMES.test(name)) return "its name looks like a secret's";
  if (GENERATED_NAMES.test(name)) return "generated file";
  return undefined;
}

export function refuseText(text: string): string | undefined {
  if (PRIVATE_KEY.test(text)) return "holds a private key";
  if (text.trim() === "") return "empty";
  return undefined;
}

/** The bytes as text without a byte-order mark, or undefined when they are no UTF-8 text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What went wrong with a file, without its path. */
export function failureReason(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES" || code === "EPERM") return `permission denied (${code})`;
  if (code === "ENOENT") return "vanished while the folder was read (ENOENT)";
  return `cannot be read (${code ?? String(thrown)})`;
}
