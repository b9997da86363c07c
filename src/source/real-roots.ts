/** A folder that is looked up again for every call, with its links resolved. */
import { realFolder } from "./locate.js";

/** A share that does not answer holds up no call for longer. */
const PATIENCE_MS = 250;

export class RealRoot {
  readonly #written: string;
  /** Where it lay when that was last known. */
  #known: string;
  #looking: Promise<void> | undefined;

  constructor(written: string) {
    this.#written = written;
    this.#known = written;
  }

  /** Where it lies now; while its share does not answer, where it was last. Never rejects. */
  async path(): Promise<string> {
    // One at a time: each that hangs keeps one of the few threads that read files.
    this.#looking ??= this.#look();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([this.#looking, patience]);
    clearTimeout(timer);
    return this.#known;
  }

  async #look(): Promise<void> {
    this.#known = await realFolder(this.#written);
    this.#looking = undefined;
  }
}
