/** Folders without documents of their owner: known by their names, by what stands beside them, or by what is in them. */
import { basename } from "node:path";
import { isInSecretFolder } from "./secrets.js";

const VERSION_CONTROL = new Set([".git", ".hg", ".svn", ".jj", ".bzr", "_darcs", "CVS"]);
const DEPENDENCIES = new Set([
  ...["node_modules", "bower_components", "jspm_packages", "Pods", "Carthage"],
  ...["site-packages", "dist-packages", "__pycache__", "venv"],
]);
/** Hidden, and written by people for people. */
const SHOWN = new Set([".github", ".gitlab", ".circleci", ".devcontainer", ".well-known"]);
/** Build output, and copies of other people's code, only beside a manifest: elsewhere these are good names for documents. */
const BUILD = new Set(["dist", "build", "out", "target", "coverage"]);
const MANIFESTS = [
  ...["package.json", "pyproject.toml", "setup.py", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts"],
  ...["CMakeLists.txt", "go.mod", "mix.exs", "build.sbt", "composer.json", "Gemfile", "Package.swift"],
];
const THIRD_PARTY = /^third[-_]?party$/i;
/** Of a `vendor` folder that a package manager filled. */
const VENDORED = new Set([
  ...["modules.txt", "autoload.php", "bundle"],
  ...["github.com", "gitlab.com", "bitbucket.org", "golang.org", "google.golang.org", "gopkg.in", "k8s.io"],
]);
/** Logseq's copies of pages that were overwritten. */
const APP_BACKUP = /[\\/]logseq[\\/]bak$/;

const OTHERS_CODE = "third-party code";

/** A file may have such a name, too: `.git` of submodules and work trees. */
export function isVersionControl(name: string): boolean {
  return VERSION_CONTROL.has(name);
}

/** Why a folder is left out wherever it is; undefined: it is not. */
function reasonByName(path: string): string | undefined {
  const name = basename(path);
  if (VERSION_CONTROL.has(name)) return "version control folder";
  if (DEPENDENCIES.has(name)) return "dependency or cache folder";
  if (isInSecretFolder(path)) return "folder for secrets";
  if (name.startsWith(".") && !SHOWN.has(name)) return "hidden folder";
  if (THIRD_PARTY.test(name)) return OTHERS_CODE;
  return APP_BACKUP.test(path) ? "backup folder of a program" : undefined;
}

/** Why a folder is left out, as far as its parent shows. @param beside the names in its parent */
export function reasonBeside(path: string, beside: ReadonlySet<string>): string | undefined {
  const reason = reasonByName(path);
  if (reason !== undefined) return reason;
  const name = basename(path);
  if (!BUILD.has(name) && name !== "vendor") return undefined;
  if (!MANIFESTS.some((manifest) => beside.has(manifest))) return undefined;
  return name === "vendor" ? OTHERS_CODE : "build folder";
}

/** Why a folder is left out, as its own entries show. @param names in it */
export function reasonWithin(path: string, names: ReadonlySet<string>): string | undefined {
  if (names.has("pyvenv.cfg") || names.has("conda-meta")) return "virtual environment";
  if (names.has("CACHEDIR.TAG")) return "dependency or cache folder";
  return basename(path) === "vendor" && [...VENDORED].some((name) => names.has(name)) ? OTHERS_CODE : undefined;
}

/** Whether a folder is left out by its path alone, wherever it is. */
export function isNeverEntered(path: string): boolean {
  return reasonByName(path) !== undefined;
}
