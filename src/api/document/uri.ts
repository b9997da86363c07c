/** URI of a whole document: `aura://{collection}/{+document}`. */
export function documentUri(collection: string, document: string): string {
  return `aura://${collection}/${document.split("/").map(encodeURIComponent).join("/")}`;
}
