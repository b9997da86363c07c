/** Times of what is made one after the other. */

/** The last one of this process, in milliseconds since 1970. */
let lastAt = 0;

/** Now, in ISO 8601; and later than the time before, so that no two are equal and both sort as they were made. */
export function laterThanBefore(): string {
  lastAt = Math.max(Date.now(), lastAt + 1);
  return new Date(lastAt).toISOString();
}
