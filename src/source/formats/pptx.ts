/** PPTX: the slides in their order, each with its title, its text and tables, and what the speaker noted. Slides count as pages. */
import { mainPart, openPackage, packageTitle, type Relation, relationsOf, targetOf } from "./container/relations.js";
import { Slide } from "./container/slide.js";
import { readXml } from "./container/xml.js";
import type { Zip } from "./container/zip.js";
import type { BinaryFormat } from "./format.js";
import { parseHtml } from "./html.js";
import { joined } from "./joined.js";

export const pptx: BinaryFormat = {
  kind: "binary",
  name: "pptx",
  version: "pptx-1",
  async parse(bytes) {
    const zip = openPackage(bytes);
    if (zip === undefined) return { reason: "password-protected, or an old .ppt" };
    const slides = slidesOf(zip).map((part) => parseHtml(htmlOf(zip, part)));
    const { text, blocks, starts } = joined(slides);
    const title = slides.find((slide) => slide.title !== undefined)?.title ?? packageTitle(zip);
    return { title, text, blocks, pages: starts };
  },
};

/** Parts, each once. */
function slidesOf(zip: Zip): string[] {
  const main = mainPart(zip);
  const relations: ReadonlyMap<string, Relation> = relationsOf(zip, main);
  const slides: string[] = [];
  readXml(zip.text(main) ?? "", {
    open(tag) {
      const slide = tag.name === "sldId" ? relations.get(tag.relation ?? "") : undefined;
      if (slide?.type === "slide") slides.push(slide.target);
      return undefined;
    },
    close: () => undefined,
  });
  return [...new Set(slides)];
}

function htmlOf(zip: Zip, part: string): string {
  const { title, html } = slideIn(zip, part);
  const relations = relationsOf(zip, part);
  const drawn = [...relations.values()].filter(({ type }) => type === "diagramData");
  const diagrams = drawn.map(({ target }) => slideIn(zip, target).html).join("");
  const notes = targetOf(relations, "notesSlide");
  const noted = notes === undefined ? "" : slideIn(zip, notes).html;
  return `<h1>${title}</h1>${html}${diagrams}${noted && `<h2>Notes</h2>${noted}`}`;
}

function slideIn(zip: Zip, part: string): Slide {
  const slide = new Slide();
  readXml(zip.text(part) ?? "", slide);
  return slide;
}
