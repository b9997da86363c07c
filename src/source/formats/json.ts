/** JSON: pieces of whole members and records, under the way down to them: `items[3–9]`. */
import { trimSpan } from "../../core/blank.js";
import type { Block, ParsedDocument } from "../../core/types.js";
import { lineStarts, type TextFormat } from "./format.js";

/** What a piece holds at most, by a count that is rather too high: the bundled model takes 254. */
const MOST_TOKENS = 200;
/** Deeper brackets are signs like any other. */
const MAX_DEPTH = 32;
const MAX_KEY_LENGTH = 100;
/** What is looked at: strings, comments, brackets, commas, and everything between. */
const TOKEN = /"|\/\/|\/\*|[{}[\],]|[^"/{}[\],]{1,4000}|\//y;

export const json: TextFormat = {
  kind: "text",
  name: "json",
  version: "json-1",
  parse: (text) => new JsonReader(text).read(),
};

/** A member of an object with its key, or an element of a list. */
interface Member {
  readonly start: number;
  readonly tokens: number;
  readonly index: number;
}

interface Container {
  readonly start: number;
  readonly isList: boolean;
  readonly path: readonly string[];
  /** Small members, while they may all fit in one piece with it. */
  waiting: Member[];
  tokens: number;
  index: number;
  /** It holds more than a piece: its members are put into pieces as they come. */
  isLarge: boolean;
  /** The piece that takes its next member. */
  piece: Piece | undefined;
}

interface Piece {
  readonly start: number;
  readonly container: Container;
  readonly first: number;
  last: number;
  tokens: number;
}

function container(known: Pick<Container, "start" | "isList" | "path"> & Partial<Container>): Container {
  return { waiting: [], tokens: 0, index: 0, isLarge: false, piece: undefined, ...known };
}

class JsonReader {
  readonly #text: string;
  /** The first one is the text itself: values may follow one another without brackets around them. */
  readonly #open: Container[] = [container({ start: 0, isList: false, path: [], isLarge: true })];
  readonly #pieces: Piece[] = [];
  #at = 0;
  /** Where the member that is read begins; -1: between two. */
  #start = -1;
  #tokens = 0;
  /** Of the last string. */
  #key = "";
  /** Brackets beyond the depth that is looked at. */
  #beyond = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ParsedDocument {
    while (this.#at < this.#text.length) this.#step();
    this.#endMember();
    while (this.#open.length > 1) this.#close();
    const starts = this.#pieces.map(({ start }) => start);
    if (starts.length > 0) starts[0] = 0;
    const blocks = starts.flatMap((start, i): Block[] => {
      const span = trimSpan(this.#text, { start, end: starts[i + 1] ?? this.#text.length });
      return span === undefined ? [] : [{ ...span, headings: headingsOf(this.#pieces[i] as Piece), kind: "lines" }];
    });
    const whole = trimSpan(this.#text, { start: 0, end: this.#text.length });
    const all: Block[] = whole === undefined ? [] : [{ ...whole, headings: [], kind: "lines" }];
    return { text: this.#text, blocks: blocks.length > 0 ? blocks : all, lines: lineStarts(this.#text) };
  }

  #step(): void {
    TOKEN.lastIndex = this.#at;
    const [token = ""] = TOKEN.exec(this.#text) ?? [];
    const start = this.#at;
    this.#tokens++;
    this.#at += token.length;
    if (token === '"') this.#readString(start);
    else if (token === "//") this.#at = behind(this.#text, "\n", this.#at);
    else if (token === "/*") this.#at = behind(this.#text, "*/", this.#at);
    else if (token === "{" || token === "[") this.#openContainer(token === "[", start);
    else if (token === "}" || token === "]") this.#closeContainer();
    else if (token === ",") {
      if (this.#beyond === 0) this.#endMember();
    } else this.#add(start, token);
  }

  #readString(start: number): void {
    let end = this.#at;
    for (; end < this.#text.length && this.#text[end] !== '"'; end++) if (this.#text[end] === "\\") end++;
    this.#at = Math.min(this.#text.length, end + 1);
    this.#key = this.#text.slice(start + 1, Math.min(end, start + 1 + MAX_KEY_LENGTH));
    this.#add(start, this.#text.slice(start, this.#at));
  }

  #add(start: number, token: string): void {
    const blank = token.length - token.trimStart().length;
    if (blank === token.length) return;
    if (this.#start === -1) this.#start = start + blank;
    this.#tokens += Math.ceil(token.trim().length / 4);
  }

  #openContainer(isList: boolean, start: number): void {
    const parent = this.#open.at(-1) as Container;
    if (this.#open.length > MAX_DEPTH) {
      this.#beyond++;
      this.#add(start, "[");
      return;
    }
    const step = parent.isList ? [`[${parent.index}]`] : this.#start === -1 ? [] : [this.#key];
    // What opens a container belongs to its first member.
    const isFirst = !parent.isLarge && parent.waiting.length === 0;
    const begin = isFirst ? parent.start : this.#start === -1 ? start : this.#start;
    const path = [...parent.path, ...step];
    this.#open.push(container({ start: begin, isList, path, tokens: this.#tokens }));
    this.#start = -1;
    this.#tokens = 0;
  }

  #closeContainer(): void {
    if (this.#beyond > 0) this.#beyond--;
    else {
      this.#endMember();
      this.#close();
    }
  }

  #endMember(): void {
    const around = this.#open.at(-1) as Container;
    if (this.#start !== -1) this.#put(around, { start: this.#start, tokens: this.#tokens, index: around.index++ });
    this.#start = -1;
    this.#tokens = 0;
  }

  /** A small container is a member of the one around it. */
  #close(): void {
    if (this.#open.length > 1) {
      const { start, tokens, isLarge } = this.#open.pop() as Container;
      const around = this.#open.at(-1) as Container;
      const index = around.index++;
      if (!isLarge) this.#put(around, { start, tokens: tokens + 1, index });
    }
    this.#start = -1;
    this.#tokens = 0;
  }

  #put(container: Container, member: Member): void {
    if (container.isLarge) {
      this.#intoPiece(container, member);
      return;
    }
    container.waiting.push(member);
    container.tokens += member.tokens;
    if (container.tokens > MOST_TOKENS) this.#growAll();
  }

  /** Whatever is open holds more than a piece. */
  #growAll(): void {
    for (const container of this.#open) if (!container.isLarge) this.#grow(container);
  }

  #grow(container: Container): void {
    container.isLarge = true;
    const { waiting } = container;
    container.waiting = [];
    waiting.forEach((member, i) => {
      this.#intoPiece(container, i === 0 ? { ...member, start: container.start } : member);
    });
  }

  #intoPiece(container: Container, { start, tokens, index }: Member): void {
    const { piece } = container;
    const takes = piece !== undefined && piece === this.#pieces.at(-1) && piece.tokens + tokens <= MOST_TOKENS;
    if (takes) {
      piece.tokens += tokens;
      piece.last = index;
    } else {
      container.piece = { start, container, first: index, last: index, tokens };
      this.#pieces.push(container.piece);
    }
  }
}

function headingsOf({ container: { path, isList }, first, last }: Piece): readonly string[] {
  const range = first === last ? `[${first}]` : `[${first}–${last}]`;
  const names = isList ? [...path, range] : path;
  // `items`, `[3]` is one step: `items[3]`.
  return names.reduce<string[]>((steps, name) => {
    const before = steps.at(-1);
    if (before !== undefined && name.startsWith("[")) steps[steps.length - 1] = before + name;
    else steps.push(name);
    return steps;
  }, []);
}

function behind(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at === -1 ? text.length : at + end.length;
}
