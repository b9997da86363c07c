/** Keys that could not be read: nothing is said of the token. Apart from what checks tokens, which not every server loads. */
export class KeysUnavailable extends Error {}
