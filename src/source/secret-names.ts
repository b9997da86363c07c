/** Files that programs or people keep secrets in, known by their names: surely, or only together with what they hold. */

/** Whole names, whatever the extension: `credentials.*`. */
const STEMS = "credentials?|secrets|passwords|arduino_secrets";
/** Names that are common words, too: only as the data that programs keep. */
const DATA = "(?:json5?|ya?ml|toml|ini|cfg|conf|csv|tsv|txt|xml|properties)";
const KEY_PAIR = "id_(?:rsa|dsa|ecdsa|ed25519)";
const SAMPLE = "(?:examples?|samples?|templates?|tpl|dist|defaults?)";

const wholly = (patterns: readonly string[]) => new RegExp(`^(?:${patterns.join("|")})$`, "i");

const NAMES = wholly([
  `\\.env(?!\\.${SAMPLE}$).*`,
  `(?!(?:.*[-_.])?${SAMPLE}\\.env$).*\\.env(?:\\.json)?`,
  ".*\\.(?:pem|p12|pfx|pkcs12|p8|jks|keystore|kdbx?|ppk|gpg|ovpn|tfstate|tfvars|agekey)(?:\\.json)?",
  `${KEY_PAIR}(?:_sk)?(?:\\.pub)?`,
  "\\.npmrc|\\.yarnrc(?:\\.yml)?|\\.netrc|_netrc|\\.pypirc|\\.pgpass|pgpass\\.conf|\\.my\\.cnf|\\.mylogin\\.cnf|\\.s3cfg|\\.boto",
  "\\.git-credentials|\\.htpasswd|\\.dockercfg|\\.dockerconfigjson|\\.vault-token|\\.?rclone\\.conf",
  "\\.dev\\.vars|local\\.settings\\.json",
  "\\.?(?:bash|zsh|sh|psql|mysql|python|node_repl)_history",
]);

const SUSPECTS = wholly([
  ".*\\.(?:key|asc)(?:\\.json)?",
  `${KEY_PAIR}.+`,
  `\\.?(?:${STEMS})(?:\\..+)?`,
  ".*credentials?.*\\.(?:json|ya?ml|ini|csv)",
  `(?:.*[-_.])?(?:secret|password|passwd|api[-_]?keys?)\\.${DATA}`,
  `(?:.*[-_.])(?:secrets|passwords)\\.${DATA}`,
  "(?:.*[-_.])?tokens?(?:[-_. ].*)?\\.txt",
  "client_secret.*\\.json|service[-_]?account.*\\.json",
  "kubeconfig(?:\\..+)?",
]);

/** Nobody writes documents under it. */
export function isSecretName(name: string): boolean {
  return NAMES.test(name);
}

/** A document may be called so: what it holds decides. */
export function isSuspectName(name: string): boolean {
  return SUSPECTS.test(name);
}

/** Files whose words are for people: a label with one word behind it is no entry there. */
const PROSE = /\.(?:md|markdown|mdx|rst|adoc|asc|asciidoc|org|tex|html?|xhtml|pdf|docx|pptx|epub|ipynb|eml)$/i;
const MAX_LINE = 500;
const SHORT_LINE_WORDS = 4;

const VALUE = `["'\`]?(?![<$*{\\[(.…x]|your|example|changeme|null\\b|none\\b|true\\b|false\\b)[^\\s"'\`,;|]{4,200}["'\`]?`;
/** `db_password = "…"`, within a line too. */
const NAMED_VALUE = new RegExp(
  `(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|auth)\\w{0,40}["'\`]?(?:\\s{0,4}[:=]\\s{0,4}|\\s{1,4}(?=["']))${VALUE}\\s*(?:[,;|}\\])]|$)`,
  "i",
);
/** A whole line: `mail: swordfish`, `site,me,swordfish`. */
const ENTRY = new RegExp(
  `^\\s*[{[]?\\s*["']?[\\w.@/-]{1,60}(?: [\\w.@/-]{1,60}){0,2}["']?(?:\\s{0,4}[:=]\\s{0,4}|[,;|\\t])(?:[^\\s,;|]{1,100}[,;|\\t])*${VALUE}\\s*[,;|}\\]]*\\s*$`,
  "i",
);
/** Letters and digits in one word. */
const MIXED = /^(?=.{0,200}\d)(?=.{0,200}[A-Za-z])[^\s/:]{6,200}$/;
/** No word of a language. */
const OPAQUE =
  /(?=[A-Za-z0-9_+-]{0,19}\d)(?=[A-Za-z0-9_+-]{0,19}[a-z])(?=[A-Za-z0-9_+-]{0,19}[A-Z])[A-Za-z0-9_+-]{20}|[0-9a-f]{32}/;

/** Whether a file of such a name keeps passwords, tokens or keys of no known shape. @param text what it says */
export function keepsValues(name: string, text: string): boolean {
  if (!/\s/.test(text.trim()) && text.trim().length >= 6 && !/[{}[\]]/.test(text)) return true;
  const isProse = PROSE.test(name);
  for (let from = 0; from < text.length; ) {
    const feed = text.indexOf("\n", from);
    const end = feed === -1 ? text.length : feed;
    for (let at = from; at < end; at += MAX_LINE) {
      if (isEntry(text.slice(at, Math.min(end, at + MAX_LINE)).trim(), isProse)) return true;
    }
    from = end + 1;
  }
  return false;
}

function isEntry(line: string, isProse: boolean): boolean {
  if (line === "" || (line.startsWith("#") && !line.startsWith("#define"))) return false;
  if (NAMED_VALUE.test(line) || OPAQUE.test(line)) return true;
  const words = line.split(/[\s|]+/).filter((word) => word !== "");
  if (words.length > 1 && words.length <= SHORT_LINE_WORDS && MIXED.test(words.at(-1) as string)) return true;
  return !isProse && ENTRY.test(line);
}
