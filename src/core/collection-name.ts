/** Names of collections: of what users call one, and of its versions. */

/** The longest that any store takes. Settings allow half of it for an alias: its versions' names are longer. */
export const MOST_NAME_CHARS = 128;
