/**
 * What must never be indexed, and what only looks so. Tokens are put together here, so that none that looks alive stands
 * in this file.
 */

import { createHash } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX = "0123456789abcdef";

/** Letters in no order that an example would have, the same every time. */
const body = (length: number, alphabet = LETTERS) =>
  Array.from({ length }, (_, i) => {
    const [random = 0] = createHash("sha256").update(`${alphabet}${i}`).digest();
    return alphabet[random % alphabet.length];
  }).join("");
const begin = (kind: string) => `-----${"BEGIN"} ${kind}-----`;
const dataLines = `${body(64)}\n${body(64, LETTERS.toLowerCase())}\n`;

/** Whatever is in them. */
export const SECRET_NAMES = [
  ".ssh/config.txt",
  ".ssh/keys/notes.md",
  "backup/home/.ssh/known.txt",
  ".aws/config.toml",
  ".docker/config.json",
  ".kube/config.yaml",
  ".gnupg/readme.txt",
  ".azure/profile.json",
  ".password-store/mail.txt",
  ".config/gh/hosts.yml",
  ".config/gcloud/properties.ini",
  ".config/rclone/remotes.conf",
  "local.settings.json",
  "terraform.tfvars.json",
  ".env",
  ".env.json",
  ".env.production",
  "prod.env",
  "tls.pem",
  "id_rsa",
  "id_ed25519.pub",
  ".npmrc",
  ".pgpass",
  ".bash_history",
] as const;

const entry = `user: me\npassword: ${"sword"}fish\n`;

/** Names that a document may have, too, with what makes them secrets. */
export const SECRET_FILES: Readonly<Record<string, string>> = {
  "credentials.toml": `[registry]\ntoken = "${body(32)}"\n`,
  "credentials.txt": entry,
  "credentials.md": "# Logins\n\n- mail: hunter2\n",
  "Credentials.JSON": JSON.stringify({ user: "me", password: "swordfish" }),
  "credential.yaml": "mail:\n  login: swordfish\n",
  "aws-credentials.ini": `[default]\nregion = eu-west-1\nkey = ${body(40)}\n`,
  "secrets.md": "| where | what |\n|---|---|\n| Netflix | hunter2 |\n",
  "secrets.yml": "data:\n  db: c3dvcmRmaXNo\n",
  "secrets.py": 'DB_PASSWORD = "swordfish"\n',
  "app-secrets.yaml": "db: swordfish\n",
  "secret.json": '{"db": "swordfish"}',
  "arduino_secrets.h": '#define SECRET_SSID "home"\n#define SECRET_PASS "swordfish"\n',
  "passwords.txt": "Netflix hunter2\nGmail correcthorse9\n",
  "passwords.csv": "site,user,password\nexample.org,me,swordfish\n",
  "Passwords.md": "mail: `Sw0rdf1sh`\n",
  "db-passwords.csv": "db,swordfish\n",
  "password.txt": "swordfish\n",
  "token.txt": body(40),
  "tokens.txt": `prod ${body(24)}\n`,
  "token-github.txt": `${body(30)}\n`,
  "token_prod.txt": "abcdefgh",
  "bot-token.txt": "123456:swordfishes",
  "api-key.txt": body(20),
  "api_keys.json": `{"maps": "${body(30)}"}`,
  "client_secret_123.json": `{"installed":{"client_id":"1","client_secret":"${body(24)}"}}`,
  "service-account.json": JSON.stringify({ private_key: `${begin("PRIVATE KEY")}\n${dataLines}` }),
  "kubeconfig.yaml": `users:\n- user:\n    client-key-data: ${body(120)}\n`,
  "id_rsa.txt": `${begin("RSA PRIVATE KEY")}\n${dataLines}`,
  "id_ed25519.md": `${begin("OPENSSH PRIVATE KEY")}\n${dataLines}`,
  "tls.key": `${begin("PRIVATE KEY")}\n${dataLines}`,
  "wireguard.key": `${body(43)}=\n`,
  "backup.asc": `${begin("PGP MESSAGE")}\n\n${dataLines}`,
} as const;

/** Documents with such names. */
export const HARMLESS_FILES: Readonly<Record<string, string>> = {
  "secrets.txt": "The secrets of otter breeding, a novel.\n\nIt was the winter of 1984, and nobody had seen one.\n",
  "secrets.md": "# Secrets\n\nSecrets live in Vault. Ask the platform team for access; see [the guide](guide.md).\n",
  "id_rsa_howto.md":
    "# How to make an id_rsa key\n\nRun `ssh-keygen -t ed25519`, and keep the private half to yourself.\n",
  "credentials.md": "# Credentials\n\nSet `password: <your password>` and `token: $TOKEN` in the settings.\n",
  "credentials-setup.yaml": "title: how to set up credentials for otters\n",
  "using-credentials.json": '{"doc":"how otter credentials work"}',
  "client_secret_docs.json": '{"doc":"x"}',
  "service-account.json": "{}",
  "public.key": "Otter keynote\n",
  "guide.asc": "= AsciiDoc guide\n\nThe otter feeding times are nine and five.\n",
  ".env.example": "# Sample settings: OTTER_PORT is the port\nOTTER_PORT=3000\n",
  ".env.sample": "OTTER_PORT=3000\n",
};

export const SECRET_TEXTS: Readonly<Record<string, string>> = {
  "an OpenSSH key": `${begin("OPENSSH PRIVATE KEY")}\n${dataLines}`,
  "an RSA key within JSON": JSON.stringify({ private_key: `${begin("PRIVATE KEY")}\n${dataLines}` }),
  "an encrypted RSA key": `${begin("RSA PRIVATE KEY")}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\n${dataLines}`,
  "an OpenPGP key": `${begin("PGP PRIVATE KEY BLOCK")}\nVersion: GnuPG v2\n\n${dataLines}`,
  "a key behind a mention of one": `It begins with "${begin("PRIVATE KEY")}".\n${begin("EC PRIVATE KEY")}\n${dataLines}`,
  "a PuTTY key": `PuTTY-User-Key-${"File"}-3: ssh-ed25519\nEncryption: none\nPublic-Lines: 2\n${dataLines}Private-Lines: 1\n${body(48)}\n`,
  "an SSH2 key": `---- ${"BEGIN"} SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "me"\n${dataLines}`,
  "an age key": `# created: today\nAGE-SECRET-${"KEY"}-1${body(58, UPPER)}\n`,
  "an AWS key": `key ${"AK"}IA${body(16, UPPER)}`,
  "an AWS secret": `aws_secret_access_key = ${body(40)}`,
  "a GitHub token": `token: ${"gh"}p_${body(36)}`,
  "a GitHub app's token": `${"gh"}s_${body(36)}`,
  "a fine-grained GitHub token": `${"github"}_pat_${body(22)}_${body(59)}`,
  "a GitLab token": `${"gl"}pat-${body(20)}`,
  "a Slack token": `${"xo"}xb-${"2048".repeat(3)}-${"4096".repeat(3)}-${body(24)}`,
  "a Slack web hook": `https://hooks.slack.com/${"services"}/T${body(9, UPPER)}/B${body(9, UPPER)}/${body(24)}`,
  "a Google key": `https://maps.example.org/js?key=${"AI"}za${body(35)}&v=3`,
  "a Stripe key": `${"sk_li"}ve_${body(24)}`,
  "an npm token": `//registry.npmjs.org/:_authToken=${"np"}m_${body(36)}`,
  "a PyPI token": `password = ${"py"}pi-AgEIcHlwaS5vcmc${body(60)}`,
  "an OpenAI key": `${"sk"}-proj-${body(48)}`,
  "an Anthropic key": `${"sk"}-ant-api03-${body(60)}`,
  "a Hugging Face token": `${"h"}f_${body(34)}`,
  "a SendGrid key": `${"S"}G.${body(22)}.${body(43)}`,
  "a DigitalOcean token": `${"do"}p_v1_${body(64, HEX)}`,
  "an Azure storage key": `DefaultEndpointsProtocol=https;Account${"Key"}=${body(86)}==`,
};

/** Each with some text in it. */
export const HARMLESS_NAMES = [
  "tokenizer.txt",
  "tokenizer_config.json",
  "tokenization.md",
  "token-bucket.ts",
  "design-tokens.json",
  "tokens.css",
  "secrets-management.md",
  "managing-secrets.md",
  "secretary.md",
  "password-policy.md",
  "password-reset.tsx",
  "passwordless.md",
  "credentials-guide.md",
  "credential-rotation.md",
  "api-keys.md",
  "service-accounts.md",
  "environment.ts",
  "keyboard.md",
  "auth.json",
  "ssh.md",
  "docker/config.json",
  "aws/readme.md",
  "config/gh/hosts.yml",
  "my.ssh/notes.md",
  "config/editor/settings.json",
] as const;

export const HARMLESS_TEXTS: Readonly<Record<string, string>> = {
  "prose about keys": `A key begins with \`${begin("PRIVATE KEY")}\` and ends with a line like it. Never commit one.`,
  "a key left out": `${begin("RSA PRIVATE KEY")}\n...\n-----END RSA PRIVATE KEY-----\n`,
  "a key to be filled in": `${begin("PRIVATE KEY")}\n<your key here>\n-----END PRIVATE KEY-----\n`,
  "a list of beginnings": `${begin("RSA PRIVATE KEY")}\n${begin("EC PRIVATE KEY")}\n-----END\n`,
  "a certificate": `${begin("CERTIFICATE")}\n${dataLines}-----END CERTIFICATE-----\n`,
  "a public key": `ssh-rsa ${body(128)} me@example.org\n${begin("PUBLIC KEY")}\n${dataLines}`,
  "a public OpenPGP key": `${begin("PGP PUBLIC KEY BLOCK")}\n\n${dataLines}`,
  "prose about PuTTY": `The file starts with PuTTY-User-Key-${"File"}-2: and names the algorithm.`,
  "Amazon's own example": `aws_access_key_id = ${"AK"}IAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n`,
  "a token of crosses": `export GITHUB_TOKEN=${"gh"}p_${"x".repeat(36)}`,
  "a token to be filled in": `SLACK=${"xo"}xb-your-token-here GITLAB=${"gl"}pat-YOUR_TOKEN`,
  "a Slack web hook of zeros": `https://hooks.slack.com/${"services"}/T00000000/B00000000/${"X".repeat(24)}`,
  "a Stripe key for tests": `${"sk_te"}st_${body(24)}`,
  "words that begin as tokens do":
    "npm_config_registry, hf_hub_download, sk-learn, pypi-mirror, SG.x, AIzawa, dapi, ghp_",
  "hashes and ids": `${body(64, HEX)} 6f9619ff-8b86-d011-b42d-00cf4fc964ff sha512-${body(86)}==`,
};
