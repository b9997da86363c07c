/** YAML and TOML as plain values, bounded against what a hostile author writes. */
import { CORE_SCHEMA, defineScalarTag, load, NOT_RESOLVED, timestampTag } from "js-yaml";
import { parse } from "smol-toml";

/** Nobody repeats more by hand. What aliases of aliases expand to is bounded where fields are taken. */
const MAX_ALIASES = 100;
const MAX_DEPTH = 100;

/** YAML 1.2, and dates as text: a day as it is written, a time as an ISO instant. */
const SCHEMA = CORE_SCHEMA.withTags(
  defineScalarTag<string>(timestampTag.tagName, {
    implicit: true,
    implicitFirstChars: timestampTag.implicitFirstChars,
    resolve(source, isExplicit, tagName) {
      const date = timestampTag.resolve(inFull(source), isExplicit, tagName);
      if (date === NOT_RESOLVED) return NOT_RESOLVED;
      return source.includes(":") ? date.toISOString() : source;
    },
    identify: () => false,
  }),
);

/** Writers leave seconds out, and the colon of an offset: `2024-05-17 10:00 +0200`. */
function inFull(time: string): string {
  return time.replace(/([-+]\d\d)(\d\d)$/, "$1:$2").replace(/^(\S+[T ]\d\d:\d\d)(?=$|[ Z+-])/, "$1:00");
}

/** Of keys that stand twice the last one counts. @throws whatever is wrong with it */
export function parseYaml(source: string): unknown {
  return load(source, { schema: SCHEMA, json: true, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH });
}

/** Dates are `TomlDate`s. @throws whatever is wrong with it */
export function parseToml(source: string): unknown {
  return parse(source, { maxDepth: MAX_DEPTH, integersAsBigInt: "asNeeded" });
}
