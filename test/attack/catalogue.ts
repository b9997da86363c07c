/** Files that an author may write to stop a server that reads them: a format, what it repeats, how many characters. */

interface Repeated {
  readonly extension: string;
  readonly token: string;
  readonly length: number;
  /** In front of what is repeated, and behind it. */
  readonly around?: readonly [before: string, after: string];
}

const FRONT = ["---\ntitle: x\n", "\n---\nText.\n"] as const;

const ROWS: readonly Repeated[] = [
  ...["- ", "* ", "+ ", "1. ", "> ", "- > ", "> - "].map((token) => md(token, 199_000)),
  ...["#", "# ", "#\n", "===\n", "`", "```\n", "**", "_", "[", "](", "![", "[a](", "[a]: b\n"].map((t) =>
    md(t, 200_000),
  ),
  ...["|", "|a\n", "a|b\n-|-\n", "<", "<!--", "<a href='", "&", "\\", "\t", " ", "\r", "a\n\n"].map((t) =>
    md(t, 500_000),
  ),
  ...["- a\n", "  - a\n", "    a\n"].map((token) => md(token, 1_900_000)),
  ...["\n", " ", ": ", '"', "a\n", "title: ' # "].map((token) => ({ ...md(token, 65_000), around: FRONT })),
  ...["a", "a ", "a\n\n", "\u2028", "\u00a0", "é"].map((token) => ({ extension: "txt", token, length: 2_000_000 })),
  ...["<div>", "<table><tr><td>", "<", "&", "<!--", "<a href='", "<h1>", "</p>"].map((token) => {
    return { extension: "html", token, length: 2_000_000 };
  }),
  ...["{", '{"a":', "[[", '"', "1,"].map((token) => ({ extension: "json", token, length: 1_000_000 })),
  ...["{\n", "a\n\n"].map((token) => ({ extension: "ts", token, length: 1_000_000 })),
  ...["def a():\n", "@a\n"].map((token) => ({ extension: "py", token, length: 1_000_000 })),
  ...[".. a::\n", "a\n=\n\n", "====  ====\n", "a::\n\n"].map((token) => ({
    extension: "rst",
    token,
    length: 1_900_000,
  })),
  ...["----\n", "|===\n", ":a: b \\\n", "<<a,"].map((token) => ({ extension: "adoc", token, length: 1_900_000 })),
  ...["* a\n", "#+begin_src\n", ":a:\n", "[[a]["].map((token) => ({ extension: "org", token, length: 1_900_000 })),
  ...["\\section{", "\\begin{verbatim}\n", "\\a[", "{"].map((token) => ({
    extension: "tex",
    token,
    length: 1_900_000,
  })),
  ...["https://a/b ", "a="].map((token) => ({ extension: "txt", token, length: 2_000_000 })),
  ...["a: b\n", "=?utf-8?q?a?= ", "<a@b>, ", "\n", "--b\n", "=\n"].map((token) => {
    const around = ["From: a@example.com\nContent-Type: multipart/mixed; boundary=b\nSubject: ", "\n\nx\n"] as const;
    return { extension: "eml", token, length: 200_000, around };
  }),
  ...["[", '{"cells":[', '{"cell_type":"code","source":"a"},', " "].map((token) => {
    return { extension: "ipynb", token, length: 1_000_000, around: ['{"cells":[', "null]}"] as const };
  }),
  { extension: "csv", token: '"a",', length: 3_000_000 },
  { extension: "jsonl", token: "[", length: 3_900_000 },
  { extension: "jsonl", token: "[]\n", length: 3_000_000 },
  { extension: "jsonl", token: " ", length: 3_900_000, around: ['{"id":"a","text":"', 'x"}'] },
  { extension: "jsonl", token: "a\\n\\n", length: 3_900_000, around: ['{"id":"a","text":"', 'x"}'] },
  { extension: "jsonl", token: '"a":1,', length: 3_000_000, around: ['{"id":"b","text":"x","metadata":{', '"b":1}}'] },
];

function md(token: string, length: number): Repeated {
  return { extension: "md", token, length };
}

/** Name → text. */
export const CATALOGUE: ReadonlyMap<string, string> = new Map(
  ROWS.map(({ extension, token, length, around: [before, after] = ["", "x\n"] }, i) => {
    const text = before + token.repeat(Math.ceil(length / token.length)) + after;
    return [`${String(i).padStart(3, "0")}.${extension}`, text];
  }),
);

/** Ignore rules over folders that make a matcher try everything. */
export const IGNORE_RULES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  [
    "nine wildcards over sixty folders",
    { ".gitignore": `${"**/a/".repeat(9)}b\n`, [`${"a/".repeat(60)}c.md`]: "text" },
  ],
  [
    "60,000 ordinary rules",
    {
      ".gitignore": Array.from({ length: 60_000 }, (_, i) => `/some/folder${i}/*.log`).join("\n"),
      ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`docs/${i}.md`, "text"])),
    },
  ],
  ["stars in a name", { ".gitignore": `${"*a".repeat(40)}b\n`, [`${"a".repeat(200)}.md`]: "text" }],
]);
