/** The house rules as a test: who imports whom, what is reserved to one file, and what the documents must name. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "#src/core/errors.js";
import { METRICS } from "#src/telemetry/metrics.js";

interface Rule {
  /** Whole rooms that may be imported; the room itself always may. */
  readonly may: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly typesOf?: readonly string[];
  /** Whether npm packages may be. */
  readonly packages: boolean;
}

const ADAPTERS = ["models", "embed", "expand", "rerank", "store", "source", "inference"];
const LAYER_1 = ["files", "config", "telemetry", "resilience", "text", "process"];
const PIPELINE = ["chunk", "retrieve", "versions", "reindex"];
const SHARED = ["core", "files", "resilience", "text", "process"];

/** A room is a folder of `src`, or a file in it. */
const RULES: Readonly<Record<string, Rule>> = {
  core: { may: [], packages: false },
  files: { may: [], packages: false },
  config: { may: ["core", "models"], packages: true },
  telemetry: { may: ["core", "files", "http"], packages: true },
  resilience: { may: ["core"], packages: false },
  http: { may: ["core", "resilience"], packages: true },
  auth: { may: ["core", "files"], packages: true },
  text: { may: ["core"], packages: true },
  process: { may: ["core"], packages: false },
  models: { may: [...SHARED, "http", "inference"], packages: true },
  embed: { may: [...SHARED, "inference", "models"], packages: true },
  expand: { may: SHARED, packages: true },
  rerank: { may: [...SHARED, "inference", "models"], packages: true },
  store: { may: [...SHARED, "http"], packages: true },
  source: { may: SHARED, packages: true },
  inference: { may: SHARED, packages: true },
  chunk: { may: ["core"], packages: false },
  retrieve: { may: ["core", "versions"], packages: false },
  versions: { may: ["core"], packages: false },
  reindex: { may: ["core", "process", "resilience", "chunk", "versions"], packages: false },
  app: { may: ["core", ...LAYER_1, ...ADAPTERS, ...PIPELINE], packages: false },
  api: { may: ["core"], typesOf: ["app"], packages: true },
  eval: { may: ["core", "files", "text"], typesOf: ["app"], packages: true },
  server: { may: ["core", "http", "auth", "resilience", "api"], typesOf: ["app"], packages: true },
  cli: { may: ["core", "files", "auth", "api", "config", "eval", "models"], typesOf: ["app"], packages: true },
  main: { may: ["core", "app", "config", "server", "cli"], packages: false },
};

/**
 * The composition room, file by file: what each may import of `app` itself, and which other rooms it works with. A file
 * that is not named here does not belong there.
 */
const APP: Readonly<Record<string, { readonly app: readonly string[]; readonly rooms: readonly string[] }>> = {
  "shared-parts": { app: [], rooms: [] },
  instrument: { app: [], rooms: ["core", "telemetry"] },
  store: { app: [], rooms: ["core", "config", "store", "telemetry"] },
  expander: { app: [], rooms: ["core", "expand", "retrieve", "text"] },
  session: {
    app: ["expander", "instrument", "shared-parts"],
    rooms: ["core", "config", "embed", "models", "rerank", "retrieve", "telemetry", "text"],
  },
  engine: { app: ["session", "shared-parts", "store"], rooms: ["core", "config", "models", "source", "telemetry"] },
  "open-spans": { app: [], rooms: ["config", "telemetry"] },
  "warm-up": { app: ["live-state"], rooms: ["core", "retrieve"] },
  "live-state": { app: ["session"], rooms: ["core", "config"] },
  reload: { app: ["engine", "live-state"], rooms: ["core", "config", "models", "resilience", "telemetry"] },
  "parts-health": { app: [], rooms: ["core", "retrieve", "versions"] },
  health: {
    app: ["data-folder", "first-build", "known-jobs", "live-state", "parts-health", "reload", "side-port-holder"],
    rooms: ["core", "reindex", "telemetry", "versions"],
  },
  "data-folder": { app: [], rooms: ["config"] },
  "document-part": { app: [], rooms: ["core", "chunk"] },
  opened: { app: [], rooms: ["core", "versions"] },
  documents: { app: ["document-part", "opened"], rooms: ["core", "versions"] },
  "document-list": { app: ["opened"], rooms: ["core", "versions"] },
  "first-build": { app: [], rooms: ["core", "reindex"] },
  freshness: { app: [], rooms: ["core", "retrieve"] },
  "side-port-holder": { app: [], rooms: ["config", "telemetry"] },
  jobs: { app: [], rooms: ["core", "reindex", "telemetry"] },
  "known-jobs": { app: ["jobs"], rooms: ["core", "reindex", "resilience"] },
  watch: { app: [], rooms: ["core", "reindex", "source"] },
  watches: { app: ["watch"], rooms: ["core", "config", "telemetry"] },
  admin: { app: [], rooms: ["core", "text", "versions"] },
  app: {
    app: [
      "admin",
      "data-folder",
      "document-list",
      "documents",
      "engine",
      "first-build",
      "freshness",
      "health",
      "jobs",
      "known-jobs",
      "live-state",
      "open-spans",
      "reload",
      "side-port-holder",
      "warm-up",
      "watch",
      "watches",
    ],
    rooms: ["core", "config", "reindex", "resilience", "retrieve", "telemetry", "text", "versions"],
  },
};

interface Import {
  readonly from: string;
  /** File in `src`, or the specifier of a package or a Node module. */
  readonly to: string;
  readonly local: boolean;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .sort();
}

/** A rough removal: enough for code without `//` in regular expressions that also name an import. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const FILES = sourceFiles("src");
const CODE = new Map(FILES.map((file) => [file, withoutComments(readFileSync(join("src", file), "utf8"))]));
const room = (file: string) => (file.split("/")[0] as string).replace(/\.ts$/, "");

function importsOf(file: string): Import[] {
  const code = CODE.get(file) as string;
  const found = [
    ...code.matchAll(/^\s*(?:import|export)\s+(type\s+)?((?:[\w*\s,$]|\{[^}]*\})*?\s*from\s*)?"([^"]+)"/gm),
    ...[...code.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)].map(([all, to]) => [all, "", "", to] as const),
  ];
  return found.map(([, type, names = "", to]) => {
    const specifier = to as string;
    const local = specifier.startsWith(".");
    const inline = /\{([^}]*)\}/
      .exec(names)?.[1]
      ?.split(",")
      .map((name) => name.trim())
      .filter(Boolean);
    const typeOnly =
      Boolean(type) || (inline !== undefined && inline.length > 0 && inline.every((name) => name.startsWith("type ")));
    const target = local ? normalize(join(dirname(file), specifier)).replace(/\.js$/, ".ts") : specifier;
    return { from: file, to: target, local, typeOnly };
  });
}

/** Numbers that code imports as they are. */
const isData = (file: string) => file.endsWith(".json") && existsSync(join("src", file));

const IMPORTS = FILES.flatMap(importsOf);

/** Groups of files that import each other in a circle, by Tarjan's algorithm. */
function cycles(edges: readonly { from: string; to: string }[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node) as number);
    stack.push(node);
    for (const to of next.get(node) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(node, Math.min(low.get(node) as number, low.get(to) as number));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || (next.get(node) ?? []).includes(node)) found.push(group.sort());
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return found;
}

/** `file:line` of each place in `src` that a pattern finds outside comments, but for the files that may. */
function places(pattern: RegExp, except: readonly string[] = []): string[] {
  return FILES.filter((file) => !except.includes(file)).flatMap((file) =>
    (CODE.get(file) as string).split("\n").flatMap((line) => (pattern.test(line) ? [`${file}: ${line.trim()}`] : [])),
  );
}

describe("imports", () => {
  it("are all seen by this test", () => {
    expect(IMPORTS.length).toBeGreaterThan(200);
    for (const { from, to, local } of IMPORTS)
      if (local) expect(`${from} → ${FILES.includes(to) || isData(to)}`).toBe(`${from} → true`);
    expect(IMPORTS).toContainEqual({ from: "main.ts", to: "app/app.ts", local: true, typeOnly: false });
    expect(IMPORTS).toContainEqual({ from: "api/answer.ts", to: "app/app.ts", local: true, typeOnly: true });
    expect(IMPORTS).toContainEqual({ from: "main.ts", to: "cli/index.ts", local: true, typeOnly: false });
    expect(
      cycles([
        { from: "a", to: "b" },
        { from: "b", to: "c" },
        { from: "c", to: "a" },
      ]),
    ).toEqual([["a", "b", "c"]]);
  });

  it("know every room", () => {
    expect([...new Set(FILES.map(room))].filter((name) => !(name in RULES))).toEqual([]);
  });

  it("go down the layers only", () => {
    const wrong = IMPORTS.filter(({ from, to, local, typeOnly }) => {
      const rule = RULES[room(from)] as Rule;
      if (!local) return !to.startsWith("node:") && !rule.packages;
      const target = room(to);
      if (target === room(from) || rule.may.includes(target)) return false;
      return !(typeOnly && rule.typesOf?.includes(target));
    });
    expect(wrong.map(({ from, to, typeOnly }) => `${from} → ${typeOnly ? "type of " : ""}${to}`)).toEqual([]);
  });

  it("of the composition room go by its own plan", () => {
    const own = FILES.filter((file) => room(file) === "app").map((file) => file.slice("app/".length, -".ts".length));
    expect(own.filter((name) => !(name in APP))).toEqual([]);
    expect(Object.keys(APP).filter((name) => !own.includes(name))).toEqual([]);
    const wrong = IMPORTS.filter(({ from, to, local }) => {
      if (room(from) !== "app" || !local) return false;
      const { app, rooms } = APP[from.slice("app/".length, -".ts".length)] as (typeof APP)[string];
      return room(to) === "app" ? !app.includes(to.slice("app/".length, -".ts".length)) : !rooms.includes(room(to));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it("of ranking reach nothing but values: its numbers are data", () => {
    const wrong = IMPORTS.filter(({ from, to, local }) => {
      if (!from.startsWith("retrieve/ranking/")) return false;
      return !local || !(room(to) === "core" || to.startsWith("retrieve/"));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it("form no cycle, types included", () => {
    expect(cycles(IMPORTS.filter(({ local }) => local))).toEqual([]);
  });

  it("form no cycle between rooms", () => {
    const between = IMPORTS.filter(({ from, to, local }) => local && room(from) !== room(to));
    expect(cycles(between.map(({ from, to }) => ({ from: room(from), to: room(to) })))).toEqual([]);
  });

  it("of packages name dependencies, none of them a development one", () => {
    const packages = IMPORTS.filter(({ to, local }) => !local && !to.startsWith("node:")).map(({ to }) =>
      to
        .split("/")
        .slice(0, to.startsWith("@") ? 2 : 1)
        .join("/"),
    );
    expect([...new Set(packages)].filter((name) => !shippedPackages().includes(name))).toEqual([]);
  });

  it("of core reach no I/O: of Node's modules it has only randomness and events", () => {
    const node = IMPORTS.filter(({ from, local }) => room(from) === "core" && !local).map(({ to }) => to);
    expect(node.filter((to) => to !== "node:crypto" && to !== "node:events")).toEqual([]);
  });
});

describe("source files", () => {
  it("stay under 300 lines", () => {
    const long = FILES.map((file) => ({
      file,
      lines: readFileSync(join("src", file), "utf8").trimEnd().split("\n").length,
    }));
    expect(long.filter(({ lines }) => lines >= 300)).toEqual([]);
  });

  it("read the environment in main.ts only, and write it where a library hears nothing else", () => {
    const environment = /process\s*\.\s*env\b|process\["env"\]/;
    expect(places(environment, ["main.ts", "inference/onnxruntime.ts", "store/sqlite/worker.ts"])).toEqual([]);
    expect(CODE.get("store/sqlite/worker.ts")?.match(/process\.env.*/g)).toEqual([
      "process.env.SQLITE_TMPDIR = options.folder;",
    ]);
    expect(CODE.get("inference/onnxruntime.ts")?.match(/process\.env.*/g)).toEqual([
      'process.env.ORT_DISABLE_TELEMETRY = "1";',
    ]);
  });

  it("make folders in one way: Node's recursive one never ends in /proc", () => {
    expect(places(/\bmkdir(?:Sync)?\(/, ["files/make-folder.ts"])).toEqual([]);
  });

  it("speak HTTP through one client", () => {
    expect([...new Set(IMPORTS.filter(({ to }) => to === "undici").map(({ from }) => room(from)))]).toEqual(["http"]);
    // The protocol library's handler, which answers, has a method of this name.
    expect(places(/\bfetch\(/, ["server/http/exchanges.ts"])).toEqual([]);
  });

  it("load the ONNX runtime where its telemetry is switched off", () => {
    const loading = IMPORTS.filter(({ to, typeOnly }) => to === "onnxruntime-node" && !typeOnly);
    expect(loading.map(({ from }) => from)).toEqual(["inference/onnxruntime.ts"]);
  });

  it("answer from documents only where it is asked which of them the caller sees", () => {
    const reading = /\bstore\s*\.\s*(search|any|count|scroll|documents|documentPage)\(/;
    const answering = FILES.filter((file) => ["retrieve", "app"].includes(room(file)));
    const found = answering.filter((file) => reading.test(CODE.get(file) as string));
    expect(found).toContain("retrieve/retrieve.ts");
    const asks = (file: string) => IMPORTS.some(({ from, to }) => from === file && to === "versions/visible.ts");
    // A part is read of a document that app/documents.ts has found.
    expect(found.filter((file) => !asks(file))).toEqual(["app/document-part.ts"]);
    expect(places(/\bsourcesOf\(/).filter((place) => /^(api|app|retrieve)\//.test(place))).toEqual([]);
  });

  it("end the process in main.ts and in the child's side only", () => {
    expect(places(/process\s*\.\s*(exit|abort|reallyExit)\b/, ["main.ts", "process/serve.ts"])).toEqual([]);
  });

  it("write to the console nowhere: stdout belongs to the protocol", () => {
    expect(places(/\bconsole\s*\./)).toEqual([]);
  });

  it("take hidden text out in one place, and let text out where that is done", () => {
    const hidden = /Default_Ignorable|\\p\{C[cf]\}|\\u(?:\{?0*1b\b|200[b-f]|202[a-e]|\{?e00)|\\x1b/i;
    expect(places(hidden, ["core/sanitize.ts"])).toEqual([]);
    expect(places(hidden).length).toBeGreaterThan(0);
    const streams = [
      "main.ts",
      "cli/terminal.ts",
      "process/child.ts",
      "server/standard-streams.ts",
      "telemetry/log.ts",
    ];
    expect(places(/\.std(?:out|err)\.write\(/, streams)).toEqual([]);
    expect(places(/\bstructuredContent\b/, ["server/result.ts"])).toEqual([]);
  });

  it("rely on no signal that nobody holds: composite and timeout signals lose their timers on Node 20", () => {
    expect(places(/AbortSignal\s*\.\s*(any|timeout)\b/)).toEqual([]);
  });

  it("name no setting outside configuration, messages and documents", () => {
    const settings = settingNames();
    // The one table of names that messages are made with.
    const outside = FILES.filter((file) => room(file) !== "config" && file !== "inference/protocol.ts");
    // In code, not within a message.
    const asCode = outside.flatMap((file) => {
      const code = (CODE.get(file) as string).replace(/`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g, '""');
      return settings.filter((name) => new RegExp(`\\b${name}\\b`).test(code)).map((name) => `${file}: ${name}`);
    });
    expect(asCode).toEqual([]);
    // A message is a sentence: a name that stands alone in quotation marks is looked up by.
    const alone = outside.flatMap((file) =>
      settings.filter((name) => (CODE.get(file) as string).includes(`"${name}"`)).map((name) => `${file}: ${name}`),
    );
    expect(alone).toEqual([]);
  });

  it("of http and resilience name no setting at all: what to change is said by their callers", () => {
    const settings = settingNames();
    const files = FILES.filter((file) => ["http", "resilience"].includes(room(file)));
    const named = files.flatMap((file) => {
      const text = readFileSync(join("src", file), "utf8");
      return settings.filter((name) => text.includes(name)).map((name) => `${file}: ${name}`);
    });
    expect(named).toEqual([]);
  });

  it("leave nothing marked to be done", () => {
    const marked = FILES.filter((file) => /\b(TODO|FIXME|XXX)\b/.test(readFileSync(join("src", file), "utf8")));
    expect(marked).toEqual([]);
  });

  it("have kebab-case names", () => {
    expect(FILES.filter((file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(file))).toEqual([]);
  });
});

describe("documents", () => {
  const markdown = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name));
  const files = [
    ...readdirSync(".").filter((name) => name.endsWith(".md")),
    ".env.example",
    ...markdown("docs"),
    ...markdown("examples"),
  ];

  it("mention no path of a developer's machine", () => {
    const mentioned = files.filter((file) =>
      /(?<![\w.])\/(work|root|Users|home\/(?!you\b|user\b|me\b))[/\w]/.test(readFileSync(file, "utf8")),
    );
    expect(mentioned).toEqual([]);
  });

  it("have a section of the runbook for every error code, where errors point", () => {
    const headings = [...readFileSync("docs/runbook.md", "utf8").matchAll(/^#+ +(.+?)\s*$/gm)].map(([, title]) =>
      (title as string)
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replace(/\s+/g, "-"),
    );
    expect(ERROR_CODES.filter((code) => !headings.includes(code))).toEqual([]);
  });

  it("name every metric in the README", () => {
    const readme = readFileSync("README.md", "utf8");
    expect(Object.keys(METRICS).filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
  });

  it("say for every dependency why it was chosen", () => {
    const decisions = readFileSync("docs/decisions.md", "utf8");
    expect(shippedPackages().filter((name) => !decisions.includes(`\`${name}\``))).toEqual([]);
  });
});

function settingNames(): string[] {
  const example = readFileSync(".env.example", "utf8");
  return [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name as string);
}

function shippedPackages(): string[] {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Record<
    "dependencies" | "optionalDependencies",
    Record<string, string>
  >;
  return Object.keys({ ...dependencies, ...optionalDependencies });
}
