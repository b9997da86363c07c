/** Reading a whole document: what `source.uri` of a passage opens. */
import { z } from "zod";
import type { App } from "../../app/app.js";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { MAX_RESOURCE_CHARS } from "../limits.js";
import type { Operation } from "../operation.js";

const input = z.strictObject({
  collection: z.string().min(1).max(MOST_NAME_CHARS),
  document: z.string().min(1).max(8_192),
});

export const documentOperation: Operation<Pick<App, "readDocument">, typeof input, { readonly text: string }> = {
  name: "read_document",
  input,
  span: { settings: ["collection"], texts: ["document"] },
  deadline: true,
  async run(call, app, { collection, document }) {
    const asked = { name: { document }, lines: { first: 1 }, maxChars: MAX_RESOURCE_CHARS };
    const { text, isCut, lines } = await app.readDocument(call, call.access.collection(collection), asked);
    const whole = isCut ? `${text}\n[cut: line ${lines?.last} is the last one here; get_document reads on]` : text;
    return { value: { text: whole }, text: whole };
  },
};
