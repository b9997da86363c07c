/** Which of a Word document's styles are headings: by their outline level, or by the styles that they are based on. */
import { readXml } from "./xml.js";

/** Word itself follows fewer. */
const MAX_CHAIN = 20;
/** Outline level of body text. */
const BODY = 9;

interface Style {
  name: string;
  basedOn?: string | undefined;
  outline?: number;
}

export class WordStyles {
  readonly #styles = new Map<string, Style>();
  readonly #levels = new Map<string, number>();

  /** @param xml part `styles` */
  constructor(xml: string) {
    let style: Style = { name: "" };
    readXml(xml, {
      open: (tag) => {
        const value = tag.get("val");
        if (tag.name === "style") {
          style = { name: "" };
          this.#styles.set(tag.get("styleId") ?? "", style);
        } else if (tag.name === "name") style.name = value ?? "";
        else if (tag.name === "basedOn") style.basedOn = value;
        else if (tag.name === "outlineLvl") style.outline = Number(value);
        return undefined;
      },
      close: () => undefined,
    });
  }

  /** Heading level from 1; 0 for body text. @param id of a paragraph's style */
  levelOf(id: string): number {
    const known = this.#levels.get(id);
    if (known !== undefined) return known;
    const level = this.#resolve(id);
    this.#levels.set(id, level);
    return level;
  }

  #resolve(id: string): number {
    let style = this.#styles.get(id);
    // A document without its styles.
    if (style === undefined) return Number(/^heading ?([1-9])$/i.exec(id)?.[1] ?? 0);
    for (let i = 0; style !== undefined && i < MAX_CHAIN; i++) {
      const level = ownLevel(style);
      if (level !== undefined) return level;
      style = this.#styles.get(style.basedOn ?? "");
    }
    return 0;
  }
}

function ownLevel({ name, outline }: Style): number | undefined {
  if (outline !== undefined) return levelOfOutline(outline);
  const heading = /^heading ([1-9])$/i.exec(name)?.[1];
  if (heading !== undefined) return Number(heading);
  return /^title$/i.test(name) ? 1 : undefined;
}

/** From 0 in the file, from 1 in an outline. */
export function levelOfOutline(outline: number): number {
  return outline >= 0 && outline < BODY ? outline + 1 : 0;
}
