/** Entry of the child processes: `node worker.js <options in JSON>`. */
import { serve } from "../../process/serve.js";
import { createHandlers, type StoreProcessOptions } from "./handlers.js";

process.umask(0o077);
const { calls, close } = createHandlers(JSON.parse(process.argv[2] as string) as StoreProcessOptions);
serve(calls, close);
