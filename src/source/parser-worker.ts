/** Entry of the process that parses: one document in, its blocks or a reason out. */
import type { Refusal } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";
import { limitMemory } from "../process/memory-limit.js";
import { serve } from "../process/serve.js";
import { type BinaryFormat, formatOf } from "./formats/index.js";
import { MAX_TEXT_LENGTH, refuseText } from "./refuse.js";

interface ParseArgs {
  readonly name: string;
  readonly content: string | Uint8Array;
}

limitMemory(Number(process.argv[2]));

async function parse({ name, content }: ParseArgs): Promise<ParsedDocument | Refusal> {
  const format = formatOf(name);
  if (format?.kind === "text" && typeof content === "string") return format.parse(content);
  if (format?.kind === "binary" && typeof content !== "string") return parseBinary(format, content);
  throw new Error(`no format reads "${name}" as ${typeof content === "string" ? "text" : "bytes"}`);
}

async function parseBinary(format: BinaryFormat, bytes: Uint8Array): Promise<ParsedDocument | Refusal> {
  try {
    const parsed = await format.parse(bytes);
    if ("reason" in parsed) return parsed;
    if (parsed.text.length > MAX_TEXT_LENGTH) return { reason: `more than ${MAX_TEXT_LENGTH / 1e6} MB of text` };
    const unfit = refuseText(parsed.text);
    return unfit === undefined ? parsed : { reason: unfit };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" && /package '([^']+)'/.exec(message)?.[1];
    if (missing) return { reason: `needs the optional package ${missing}: npm install ${missing}` };
    return { reason: `cannot be read as ${format.name}: ${message.split("\n", 1)[0]?.slice(0, 200)}` };
  }
}

serve({ parse });
