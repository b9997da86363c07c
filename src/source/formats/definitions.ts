/** Beginnings of top-level definitions, by file extension. Each pattern is tried on a line that starts in column 1. */

const JS =
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\b|class\b|interface\b|type\s+\w|enum\b|namespace\b|module\b|(?:const|let|var)\s+[\w$[{])|^(?:describe|test|it)(?:\.\w+)?\(|^module\.exports\b/;
const PYTHON = /^(?:async\s+)?(?:def|class)\s/;
const GO = /^(?:func|type|var|const)\s/;
const RUST =
  /^(?:pub(?:\([^)]*\))?\s+)?(?:default\s+)?(?:const\s+)?(?:unsafe\s+)?(?:async\s+)?(?:extern\s+"[^"]*"\s+)?(?:fn|struct|enum|trait|impl|mod|type|static|const|union|macro_rules!)[\s<]/;
/** Annotations and attributes in front of a definition, on its line. */
const ANNOTATIONS = "(?:@[\\w.:]+(?:\\([^)]*\\))?\\s+)*";
const modified = (modifiers: string, kinds: string) =>
  new RegExp(`^${ANNOTATIONS}(?:(?:${modifiers})\\s+)*(?:${kinds})(?=[\\s<(\\[{:]|$)`);
const JAVA = modified(
  "public|private|protected|static|final|abstract|sealed|non-sealed|strictfp|default|synchronized",
  "class|interface|enum|record|@interface|def|void",
);
const KOTLIN = modified(
  "public|private|protected|internal|final|abstract|sealed|open|data|inline|value|annotation|enum|suspend|override|operator|infix|tailrec|external|expect|actual|const|lateinit|inner|companion|fun(?= interface)",
  "class|interface|object|fun|val|var|typealias",
);
const SCALA = modified(
  "(?:private|protected)(?:\\[[\\w.]+\\])?|final|abstract|sealed|open|case|implicit|lazy|inline|transparent|opaque|override|infix|package(?= object)",
  "class|object|trait|enum|def|val|var|type|given|extension",
);
const C =
  /^(?:typedef|struct|union|enum|class|namespace|template|extern|static|inline|const|unsigned|signed|void|bool|char|short|int|long|float|double|auto|size_t|[A-Za-z_]\w*_t)\b|^[A-Za-z_][^;=("]*\([^;]*$|^#define\s/;
const CSHARP =
  /^(?:\[[^\]]*\]\s*)*(?:(?:public|private|protected|internal|static|sealed|abstract|partial|readonly|file|unsafe|ref|new|required)\s+)*(?:(?:class|interface|struct|enum|record|namespace|delegate)\s|(?:async\s+)?(?:static\s+)?(?:void|Task|int|string|bool|IResult)(?:<[^>]*>)?\s+\w+\s*(?:<[^>]*>)?\(|(?:app|group)\.Map\w+\()/;
const RUBY =
  /^(?:(?:private|public|protected|private_class_method|module_function|memoize)\s+)?def\s|^(?:class|module)\s|^[A-Z]\w*(?:::\w+)*\s*=\s*(?:Struct|Data|Class|Module)\.(?:new|define)\b|^(?:[A-Z]\w*\.)*(?:describe|context|shared_examples(?:_for)?|shared_context|feature|scenario|it|test|task|namespace|factory|define|configure|draw)\b.*(?:\bdo\b|\{)\s*(?:\|.*)?$/;
const PHP =
  /^(?:#\[[^\]]*\]\s*)*(?:(?:abstract|final|readonly)\s+)*(?:class|interface|trait|enum|function|namespace|const)\s|^define\(|^(?:return\s+|\$\w+\s*=\s*)(?:new\s+class\b|(?:static\s+)?(?:function|fn)\b)|^(?:\$\w+->|[A-Z]\w*::)\w+\(.*\b(?:function|fn)\b/;
const SWIFT = modified(
  "(?:public|private|fileprivate|internal|open|package)(?:\\(set\\))?|final|static|class(?= (?:func|var))|indirect|override|mutating|nonisolated|distributed|lazy|weak|dynamic|required|convenience|prefix|postfix|infix|async",
  "class|struct|enum|protocol|extension|func|actor|typealias|let|var|macro|operator|precedencegroup",
);
const SHELL = /^(?:function\s+[\w:-]+|[\w:-]+\s*\(\s*\))/;
const SQL = /^(?:create|alter|insert|update|delete|select|with|drop|grant|begin|comment)\b/i;
const LUA = /^(?:local\s+)?function\s|^[\w.]+\s*=\s*function\b/;
const ELIXIR =
  /^(?:def(?:module|protocol|impl|struct|exception|macrop?|guardp?|delegate|overridable|p)?)[\s(]|^(?:test|describe)\s+"/;
const ZIG =
  /^(?:(?:pub|export|extern(?:\s+"[^"]*")?|inline|noinline|threadlocal)\s+)*(?:fn\s|(?:const|var)\s(?!.*@import\())|^(?:test|comptime)\b/;
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
  ["java groovy", JAVA],
  ["kt kts", KOTLIN],
  ["scala sc", SCALA],
  ["c h cc cpp cxx hpp hh cu m mm", C],
  ["cs", CSHARP],
  ["rb", RUBY],
  ["php", PHP],
  ["swift", SWIFT],
  ["sh bash zsh", SHELL],
  ["sql", SQL],
  ["lua", LUA],
  ["ex exs", ELIXIR],
  ["zig", ZIG],
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
