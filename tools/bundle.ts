/**
 * `npm run bundle [-- <folder>]`: the `.mcpb` file that desktop hosts install with one click, for the platform it is made on.
 * It holds what the npm package holds and the locked production packages, without the binaries of other platforms.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..", "..");
const { platform, arch } = process;

function bundle(outputFolder: string): string {
  const { name, version } = readJson(join(root, "package.json"));
  const output = join(outputFolder, `${name}-${version}-${platform}-${arch}.mcpb`);
  const staging = mkdtempSync(join(tmpdir(), "aura-retrieval-bundle-"));
  try {
    const [packed] = JSON.parse(npm(root, "pack", "--json", "--dry-run"));
    for (const { path } of packed.files) cpSync(join(root, path), join(staging, path));
    for (const file of ["package-lock.json", ".npmrc"]) cpSync(join(root, file), join(staging, file));
    npm(staging, "ci", "--omit=dev", "--ignore-scripts");
    keepThisPlatform(join(staging, "node_modules"));
    // Unpacked, it is a plugin of Claude Code, too.
    cpSync(join(root, ".claude-plugin"), join(staging, ".claude-plugin"), { recursive: true });
    const manifest = readJson(join(root, "mcpb", "manifest.json"));
    manifest.compatibility.platforms = [platform];
    writeFileSync(join(staging, "manifest.json"), JSON.stringify(manifest, undefined, 2));
    const mcpb = join(root, "node_modules", ".bin", "mcpb");
    execFileSync(mcpb, ["validate", join(staging, "manifest.json")], { stdio: ["ignore", 2, 2] });
    mkdirSync(outputFolder, { recursive: true });
    execFileSync(mcpb, ["pack", staging, output], { stdio: ["ignore", "ignore", 2] });
    return output;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A bundle runs on one platform; three packages carry binaries for several. */
function keepThisPlatform(modules: string): void {
  const onnx = join(modules, "onnxruntime-node", "bin", "napi-v6");
  keepOnly(onnx, (name) => name === platform);
  keepOnly(join(onnx, platform), (name) => name === arch);
  for (const name of ["@photostructure/sqlite", "usearch"]) {
    // Names are `<platform>-<arch>`, or `<platform>-<arch>+<arch>` for a file that serves both.
    keepOnly(join(modules, name, "prebuilds"), (folder) => {
      const [os, archs = ""] = folder.split("-");
      return os === platform && archs.split("+").includes(arch);
    });
  }
}

function keepOnly(folder: string, wanted: (name: string) => boolean): void {
  const names = readdirSync(folder);
  if (!names.some(wanted)) throw new Error(`${folder} has no binary for ${platform}-${arch}: ${names.join(", ")}`);
  for (const name of names.filter((each) => !wanted(each))) rmSync(join(folder, name), { recursive: true });
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", 2],
    shell: platform === "win32",
  });
}

// biome-ignore lint/suspicious/noExplicitAny: manifests of our own
function readJson(file: string): any {
  return JSON.parse(readFileSync(file, "utf8"));
}

process.stdout.write(`${bundle(resolve(process.argv[2] ?? "dist"))}\n`);
