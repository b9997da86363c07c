/** XML read from top to bottom by htmlparser2's tokenizer: no tree, so no nesting costs anything; no entities but XML's five. */
import { Tokenizer } from "htmlparser2";
import { fromCodePoint } from "../characters.js";

/** Names are without prefixes: programs choose those as they like. */
export interface XmlTag {
  readonly name: string;
  /** Of an attribute, whatever its prefix. */
  get(name: string): string | undefined;
  /** Of an attribute `id` that has a prefix: it names a relation. */
  readonly relation: string | undefined;
}

export interface XmlReader {
  /** False passes over the element with all that is in it: it is not closed either. */
  open(tag: XmlTag): boolean | undefined;
  close(name: string): void;
  /** A text may come in pieces. */
  text?(data: string): void;
}

class Tag implements XmlTag {
  name = "";
  #attributes: [name: string, value: string][] = [];

  begin(name: string): void {
    this.name = localName(name);
    this.#attributes = [];
  }

  attribute(name: string): void {
    this.#attributes.push([name, ""]);
  }

  value(piece: string): void {
    const attribute = this.#attributes.at(-1);
    if (attribute !== undefined) attribute[1] += piece;
  }

  get(name: string): string | undefined {
    return this.#attributes.find(([own]) => localName(own) === name)?.[1];
  }

  get relation(): string | undefined {
    return this.#attributes.find(([own]) => own.endsWith(":id"))?.[1];
  }
}

/** Linear time. @throws where entities are declared, and what the reader throws */
export function readXml(content: string, reader: XmlReader): void {
  const tag = new Tag();
  /** Open elements inside the one that is passed over, itself included. */
  let passed = 0;
  const open = () => {
    if (passed > 0 || reader.open(tag) === false) passed++;
  };
  const close = (name: string) => {
    if (passed > 0) passed--;
    else reader.close(name);
  };
  const text = (data: string) => {
    if (passed === 0) reader.text?.(data);
  };
  const ignore = () => undefined;
  const tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: true },
    {
      ontext: (start, end) => text(content.slice(start, end)),
      ontextentity: (codepoint) => text(fromCodePoint(codepoint)),
      oncdata: (start, end, endOffset) => text(content.slice(start, end - endOffset)),
      onopentagname: (start, end) => tag.begin(content.slice(start, end)),
      onattribname: (start, end) => tag.attribute(content.slice(start, end)),
      onattribdata: (start, end) => tag.value(content.slice(start, end)),
      onattribentity: (codepoint) => tag.value(fromCodePoint(codepoint)),
      onopentagend: open,
      onselfclosingtag: () => {
        open();
        close(tag.name);
      },
      onclosetag: (start, end) => close(localName(content.slice(start, end))),
      ondeclaration: (start, end) => {
        if (content.slice(start, end).includes("<!ENTITY")) throw new Error("its XML declares entities");
      },
      onattribend: ignore,
      oncomment: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(content);
  tokenizer.end();
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** As HTML writes it. */
export function escaped(text: string): string {
  return text.replace(/[&<]/g, (sign) => (sign === "&" ? "&amp;" : "&lt;"));
}
