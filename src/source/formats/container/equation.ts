/** Equations of Office (OMML, ECMA-376 part 1, chapter 22) as text: fractions, powers, roots, sums as people type them. */
import type { XmlReader, XmlTag } from "./xml.js";

/** What is nested deeper is written one after the other, so that no text is copied more often than this. */
const MAX_DEPTH = 64;
/** Parts of a structure, by their names. */
const SLOTS = new Set(["e", "num", "den", "sub", "sup", "deg", "lim", "fName", "mr"]);
/** Signs that a structure is drawn with. */
const SIGNS = new Set(["chr", "begChr", "sepChr", "endChr"]);
/** Needs no brackets: a number, a name, one sign, or what stands in brackets. */
const SINGLE = /^(?:[\d.]+|\p{L}+|.|\([^()]*\))$/u;

interface Frame {
  readonly name: string;
  readonly slots: Map<string, string[]>;
  readonly signs: Map<string, string>;
  /** All that is in it, in order. */
  text: string;
}

type Render = (frame: Frame) => string;

const RENDERERS = new Map<string, Render>([
  [
    "f",
    (frame) =>
      `${group(slot(frame, "num"))}${frame.signs.get("type") === "noBar" ? " over " : "/"}${group(slot(frame, "den"))}`,
  ],
  ["sSub", (frame) => scripts(frame)],
  ["sSup", (frame) => scripts(frame)],
  ["sSubSup", (frame) => scripts(frame)],
  ["sPre", (frame) => `${sub(frame)}${sup(frame)} ${group(slot(frame, "e"))}`],
  ["rad", (frame) => `${slot(frame, "deg")}√${bracketed(slot(frame, "e"))}`],
  ["nary", (frame) => `${frame.signs.get("chr") ?? "∫"}${sub(frame)}${sup(frame)} ${slot(frame, "e")}`],
  ["d", delimited],
  ["func", (frame) => `${slot(frame, "fName")} ${slot(frame, "e")}`],
  ["limLow", (frame) => `${slot(frame, "e")}_${group(slot(frame, "lim"))}`],
  ["limUpp", (frame) => `${slot(frame, "e")}^${group(slot(frame, "lim"))}`],
  ["acc", (frame) => `${slot(frame, "e")}${frame.signs.get("chr") ?? "\u0302"}`.normalize("NFC")],
  ["m", (frame) => (frame.slots.get("mr") ?? []).join("; ")],
  ["mr", (frame) => (frame.slots.get("e") ?? []).join(", ")],
  ["eqArr", (frame) => (frame.slots.get("e") ?? []).join("; ")],
]);

/** Reads what stands inside one `oMath`. */
export class Equation implements XmlReader {
  readonly #frames: Frame[] = [frameOf("oMath")];
  #deeper = 0;
  #isText = false;

  open(tag: XmlTag): boolean | undefined {
    const { name } = tag;
    if (name === "rPr" || name === "ctrlPr") return false;
    if (name === "t") this.#isText = true;
    if (SIGNS.has(name)) this.#frames.at(-2)?.signs.set(name, tag.get("val") ?? "");
    if (name === "type") this.#frames.at(-2)?.signs.set(name, tag.get("val") ?? "");
    if (this.#frames.length === MAX_DEPTH) this.#deeper++;
    else this.#frames.push(frameOf(name));
    return undefined;
  }

  close(name: string): void {
    if (name === "t") this.#isText = false;
    if (this.#deeper > 0) {
      this.#deeper--;
      return;
    }
    const frame = this.#frames.length > 1 ? this.#frames.pop() : undefined;
    const parent = this.#frames.at(-1);
    if (frame === undefined || parent === undefined) return;
    const value = RENDERERS.get(frame.name)?.(frame) ?? frame.text;
    parent.text += value;
    if (!SLOTS.has(frame.name)) return;
    const values = parent.slots.get(frame.name);
    if (values === undefined) parent.slots.set(frame.name, [value]);
    else values.push(value);
  }

  text(data: string): void {
    const frame = this.#frames.at(-1);
    if (this.#isText && frame !== undefined) frame.text += data;
  }

  get value(): string {
    return (this.#frames[0]?.text ?? "").replace(/\s+/g, " ").trim();
  }
}

function frameOf(name: string): Frame {
  return { name, slots: new Map(), signs: new Map(), text: "" };
}

function slot({ slots }: Frame, name: string): string {
  return (slots.get(name) ?? []).join("").trim();
}

function scripts(frame: Frame): string {
  return `${group(slot(frame, "e"))}${sub(frame)}${sup(frame)}`;
}

function sub(frame: Frame): string {
  const value = slot(frame, "sub");
  return value && `_${group(value)}`;
}

function sup(frame: Frame): string {
  const value = slot(frame, "sup");
  return value && `^${group(value)}`;
}

function delimited({ slots, signs }: Frame): string {
  const inner = (slots.get("e") ?? []).join(signs.get("sepChr") ?? "|");
  return `${signs.get("begChr") ?? "("}${inner}${signs.get("endChr") ?? ")"}`;
}

function group(value: string): string {
  return value === "" || SINGLE.test(value) ? value : `(${value})`;
}

function bracketed(value: string): string {
  return /^\([^()]*\)$/.test(value) ? value : `(${value})`;
}
