/** What holds secrets: folders by their names, texts by the keys and tokens in them. */

/** Changes whenever more is known, so that what was indexed before is looked at again. */
export const SECRETS_VERSION = "secrets-2";

const FOLDERS =
  /[\\/](?:\.(?:ssh|aws|azure|docker|kube|gnupg|gpg|password-store)|\.config[\\/](?:gh|gcloud|op|rclone|sops)|Roaming[\\/](?:gcloud|GitHub CLI|gnupg)|Library[\\/]Keychains)(?:[\\/]|$)/i;

/** Whether a path leads into a folder that programs keep their keys in, or is one. */
export function isInSecretFolder(path: string): boolean {
  return FOLDERS.test(path);
}

/**
 * Tokens by the shapes that their makers gave them so that they can be found. Each begins with letters that are rare in
 * texts and has a length that is bounded, so that a search is one pass at the speed of reading.
 */
const TOKENS: Readonly<Record<string, RegExp>> = {
  "an AWS key":
    /\bA[KS]IA[A-Z2-7]{16}\b|(?:aws_secret_access_key|AWS_SECRET_ACCESS_KEY)["']?\s{0,4}[=:]\s{0,4}["']?[\w/+]{40}/,
  "a GitHub token": /\bgh[oprsu]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/,
  "a GitLab token": /\bgl(?:pat|dt|rt|ptt|oas|cbt|ft)-[\w-]{20}/,
  "a Slack token":
    /\bxox[abeoprs]-\d[\w-]{24}|\bxapp-\d-[\w-]{24}|hooks\.slack\.com\/services\/T\w{8,12}\/B\w{8,12}\/\w{24}/,
  "a Google key": /\bAIza[\w-]{35}|\bGOCSPX-[\w-]{28}/,
  "a Stripe key": /\b[rs]k_live_[A-Za-z0-9]{24}|\bwhsec_[A-Za-z0-9]{32}/,
  "an npm token": /\bnpm_[A-Za-z0-9]{36}/,
  "a PyPI token": /\bpypi-AgE[\w-]{50}/,
  "an OpenAI key": /\bsk-(?:proj|svcacct|admin)-[\w-]{40}|T3BlbkFJ[\w-]{20}/,
  "an Anthropic key": /\bsk-ant-[\w-]{40}/,
  "a Hugging Face token": /\bhf_[A-Za-z0-9]{34}/,
  "a SendGrid key": /\bSG\.[\w-]{22}\.[\w-]{43}/,
  "a Shopify token": /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/,
  "a DigitalOcean token": /\bdo[opr]_v1_[0-9a-f]{64}/,
  "a Databricks token": /\bdapi[0-9a-f]{32}/,
  "a Vault token": /\bhv[sb]\.[\w-]{24}/,
  "an Azure storage key": /\bAccountKey=[\w/+]{86}==/,
  "an age key": /\bAGE-SECRET-KEY-1[0-9A-Z]{58}/,
};
const KINDS = Object.keys(TOKENS);
const TOKEN = new RegExp(
  Object.values(TOKENS)
    .map(({ source }) => `(${source})`)
    .join("|"),
  "g",
);

/** A real one of this length has more than twice as many different characters. */
const EXAMPLE_END = 20;
const FEWEST_CHARACTERS = 6;

/** Where a private key begins. PEM and OpenPGP; PuTTY; SSH2. */
const KEY =
  /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:|---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----/g;
/** In characters: no key has more between its beginning and its first line of data. */
const KEY_HEAD = 2_000;
const DATA_LINE = /[A-Za-z0-9+/]{40}/;
/** Something else on the same line, what is no data below it, or an ellipsis: the text only tells of keys. */
const MENTION = /^(?:[^\S\n]*\S|\s*[^\s\w])|\.\.\.|…/;
const MENTION_WITHIN = 200;

/** What secret a text holds; undefined: none that is known. Linear in the length of the text. */
export function secretIn(text: string): string | undefined {
  for (const [token, ...kinds] of found(text, TOKEN)) {
    if (!isExample(token)) return KINDS[kinds.findIndex((kind) => kind !== undefined)];
  }
  const begins = [...found(text, KEY)];
  const isKey = ({ index, 0: first }: RegExpExecArray, i: number) => {
    const from = index + first.length;
    const data = text.slice(from, Math.min(from + KEY_HEAD, begins[i + 1]?.index ?? text.length));
    return DATA_LINE.test(data) || !MENTION.test(text.slice(from, from + MENTION_WITHIN));
  };
  return begins.some(isKey) ? "a private key" : undefined;
}

/** Most texts have none: asking whether there is one costs less than preparing to list them. */
function found(text: string, pattern: RegExp): Iterable<RegExpExecArray> {
  return text.search(pattern) === -1 ? [] : text.matchAll(pattern);
}

/** In documentation: few different characters at its end, or the word itself. */
function isExample(token: string): boolean {
  let different = "";
  for (const character of token.slice(-EXAMPLE_END)) {
    if (different.includes(character)) continue;
    different += character;
    if (different.length === FEWEST_CHARACTERS) return /EXAMPLE/i.test(token);
  }
  return true;
}
