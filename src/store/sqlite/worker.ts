/** Entry of the child processes: `node worker.js <options in JSON>`. */
import { serve } from "../../process/serve.js";
import { createHandlers, type StoreProcessOptions } from "./handlers.js";

process.umask(0o077);
const options = JSON.parse(process.argv[2] as string) as StoreProcessOptions;
// A file that is rewritten needs its size once more: where it lies, not in a folder that may be small, or in memory.
process.env.SQLITE_TMPDIR = options.folder;
const { calls, close } = createHandlers(options);
serve(calls, close);
