import { readFileSync, existsSync, writeFileSync } from "node:fs";
import { Tokenizer as Oracle } from "@anush008/tokenizers";
import { Tokenizer } from "#src/inference/tokenizer.js";
import { it } from "vitest";
import { generatedTexts } from "./generated-texts.js";
it("probe", { timeout: 200000 }, async () => {
  const t = "models/all-MiniLM-L6-v2/";
  const oracle = Oracle.fromFile(t + "tokenizer.json"); oracle.setTruncation(256); oracle.disablePadding();
  const ours = new Tokenizer(JSON.parse(readFileSync(t + "tokenizer.json", "utf8")), JSON.parse(readFileSync(t + "tokenizer_config.json", "utf8")), 256);
  const out: string[] = [];
  // single code points
  const bad: Record<string, number[]> = {};
  for (let cp = 0; cp < 0x30000; cp++) {
    if (cp >= 0xd800 && cp < 0xe000) continue;
    if (cp > 0x3400 && cp < 0x9fff && cp % 16) continue;
    if (cp > 0x20000 && cp % 64) continue;
    const s = `a${String.fromCodePoint(cp)}b`;
    const a = (await oracle.encode(s)).getIds(); const b = ours.encode(s);
    if (String(a) !== String(b)) out.push(`U+${cp.toString(16)} ${JSON.stringify(s)} oracle ${a} ours ${b}`);
  }
  out.push("=====texts");
  const texts = generatedTexts(2000, 1);
  let n = 0;
  for (const s of texts) {
    const a = (await oracle.encode(s)).getIds(); let b: number[] = [];
    try { b = ours.encode(s); } catch (e) { b = [-1]; }
    if (String(a) !== String(b)) { n++; let i = 0; while (a[i] === b[i]) i++; out.push(`${JSON.stringify(s).slice(0, 200)}\n   [${i}] oracle ${a.length} ${a.slice(i, i + 8).map((x) => oracle.idToToken(x))} ours ${b.length} ${b.slice(i, i + 8).map((x) => oracle.idToToken(x))}`); }
  }
  out.push(`${n} of ${texts.length}`);
  writeFileSync("/tmp/probe.txt", out.join("\n"));
});
