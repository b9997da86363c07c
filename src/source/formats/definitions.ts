/** Beginnings of top-level definitions, by file extension. Each pattern is tried on a line that starts in column 1. */

const JS =
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\b|class\b|interface\b|type\s+\w|enum\b|namespace\b|module\b|(?:const|let|var)\s+[\w$[{])|^(?:describe|test|it)(?:\.\w+)?\(|^module\.exports\b/;
const PYTHON = /^(?:async\s+)?(?:def|class)\s/;
const GO = /^(?:func|type|var|const)\s/;
const RUST =
  /^(?:pub(?:\([^)]*\))?\s+)?(?:default\s+)?(?:const\s+)?(?:unsafe\s+)?(?:async\s+)?(?:extern\s+"[^"]*"\s+)?(?:fn|struct|enum|trait|impl|mod|type|static|const|union|macro_rules!)[\s<]/;
const JVM =
  /^(?:(?:public|private|protected|internal|static|final|abstract|sealed|open|data|inline|non-sealed|value|annotation|enum|suspend|override|case|implicit|lazy)\s+)*(?:class|interface|enum|record|@interface|object|fun|val|var|def|trait|type|given|extension)\s/;
const C =
  /^(?:typedef|struct|union|enum|class|namespace|template|extern|static|inline|const|unsigned|signed|void|bool|char|short|int|long|float|double|auto|size_t|[A-Za-z_]\w*_t)\b|^[A-Za-z_][^;=("]*\([^;]*$|^#define\s/;
const CSHARP =
  /^(?:(?:public|private|protected|internal|static|sealed|abstract|partial|readonly|file)\s+)*(?:class|interface|struct|enum|record|namespace|delegate)\s/;
const RUBY = /^(?:class|module|def)\s/;
const PHP = /^(?:(?:abstract|final|readonly)\s+)*(?:class|interface|trait|enum|function|namespace)\s/;
const SWIFT =
  /^(?:(?:public|private|fileprivate|internal|open|final|static|indirect)\s+)*(?:class|struct|enum|protocol|extension|func|actor|typealias|let|var)\s/;
const SHELL = /^(?:function\s+[\w:-]+|[\w:-]+\s*\(\s*\))/;
const SQL = /^(?:create|alter|insert|update|delete|select|with|drop|grant|begin|comment)\b/i;
const LUA = /^(?:local\s+)?function\s|^[\w.]+\s*=\s*function\b/;
const ELIXIR = /^(?:defmodule|defprotocol|defimpl)\s/;
const HASKELL = /^(?:data|newtype|type|class|instance|module)\s|^[a-z_][\w']*\s*::/;
const PROTO = /^(?:message|service|enum|extend)\s/;
const TERRAFORM = /^(?:resource|data|module|variable|output|provider|locals|terraform)\b/;
const R = /^[\w.]+\s*(?:<-|=)\s*function\b/;
const CSS = /^[^\s}/*][^;]*\{?\s*$/;

const LANGUAGES: readonly (readonly [string, RegExp])[] = [
  ["js jsx mjs cjs ts tsx mts cts", JS],
  ["py pyi", PYTHON],
  ["go", GO],
  ["rs", RUST],
  ["java kt kts scala groovy", JVM],
  ["c h cc cpp cxx hpp hh cu m mm", C],
  ["cs", CSHARP],
  ["rb", RUBY],
  ["php", PHP],
  ["swift", SWIFT],
  ["sh bash zsh", SHELL],
  ["sql", SQL],
  ["lua", LUA],
  ["ex exs", ELIXIR],
  ["hs", HASKELL],
  ["proto", PROTO],
  ["tf hcl", TERRAFORM],
  ["r", R],
  ["css scss less", CSS],
];

/** Keyed by extension without the dot, lower case. */
export const DEFINITIONS: ReadonlyMap<string, RegExp> = new Map(
  LANGUAGES.flatMap(([extensions, pattern]) => extensions.split(" ").map((extension) => [extension, pattern] as const)),
);
