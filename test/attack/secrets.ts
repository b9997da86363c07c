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
  ".cargo/credentials.toml",
  "credentials.txt",
  "credentials.md",
  "Credentials.JSON",
  "credential.yaml",
  "aws-credentials.ini",
  "secrets.md",
  "secrets.yml",
  "secrets.py",
  "app-secrets.yaml",
  "secret.json",
  "arduino_secrets.h",
  "passwords.txt",
  "passwords.csv",
  "Passwords.md",
  "db-passwords.csv",
  "password.txt",
  "token.txt",
  "tokens.txt",
  "token-github.txt",
  "token_prod.txt",
  "bot-token.txt",
  "api-key.txt",
  "api_keys.json",
  "client_secret_123.json",
  "service-account.json",
  "kubeconfig.yaml",
  "local.settings.json",
  "terraform.tfvars.json",
  ".env.json",
  "id_rsa.txt",
  "id_ed25519.md",
] as const;

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
  ".config/editor/settings.json",
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
