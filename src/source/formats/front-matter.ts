/** Front matter: the fields in front of a Markdown text, as YAML between `---`, TOML between `+++`, or one JSON object. */
import type { Metadata } from "../../core/types.js";
import { type Block, findBlock } from "./front-matter-block.js";
import { fieldsOf } from "./front-matter-fields.js";
import { parseToml, parseYaml } from "./front-matter-languages.js";

export interface FrontMatter {
  /** Where the document's own text begins. */
  readonly end: number;
  readonly title?: string | undefined;
  /** All fields but the title. */
  readonly metadata: Metadata;
}

const NONE: FrontMatter = { end: 0, metadata: {} };
const PARSERS = { yaml: parseYaml, toml: parseToml, json: JSON.parse } as const;

/** None where the block is no mapping: it is text of the document then. Linear time, never throws. */
export function readFrontMatter(text: string): FrontMatter {
  const block = findBlock(text);
  if (block === undefined) return NONE;
  if (block.source.trim() === "") return { end: block.end, metadata: {} };
  const fields = parse(block);
  if (fields === undefined || Object.keys(fields).length === 0 || isProse(block, fields)) return NONE;
  const { title, ...metadata } = fieldsOf(fields);
  return { end: block.end, title: typeof title === "object" ? undefined : title?.toString(), metadata };
}

/** Undefined for what is no mapping, and for whatever a parser throws. */
function parse({ language, source }: Block): object | undefined {
  try {
    const value: unknown = PARSERS[language](source);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * `Meeting: the budget was cut.` between two horizontal rules is a mapping too. Rules in a text stand apart from it by a
 * blank line, and fields begin with a small letter.
 */
function isProse({ language, isApart }: Block, fields: object): boolean {
  return language === "yaml" && isApart && Object.keys(fields).some((name) => !/^[a-z_]/.test(name));
}
