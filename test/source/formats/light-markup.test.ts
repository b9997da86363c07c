/** reST, AsciiDoc, Org and LaTeX: structure, fields, and what is left out, as in Markdown. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReadText } from "#src/core/read-text.js";
import { lineStarts } from "#src/source/formats/format.js";
import { formatOf, type TextFormat } from "#src/source/formats/index.js";
import { unreadSpans } from "#src/source/unread.js";
import { TOKENS } from "../../attack/tokens.js";

/** Of each block its headings and what is read of it, its blank space as one blank. */
function readOf(name: string, text: string) {
  const parsed = (formatOf(name) as TextFormat).parse(text);
  const read = new ReadText({ text: parsed.text, unread: unreadSpans(parsed.text, parsed.unread) });
  expect(parsed.text).toBe(text);
  expect(parsed.lines).toEqual(lineStarts(text));
  const blocks = parsed.blocks.map((block) => {
    const heading = block.headings.join(" > ");
    const header = block.header && text.slice(block.header.start, block.header.end);
    return [heading, read.read(block).replace(/\s+/g, " ").trim(), block.kind, ...(header ? [header] : [])];
  });
  return { title: parsed.title, metadata: parsed.metadata, blocks };
}

const RST = `.. A comment of the file
   with a second line.

======
Ferry
======

:Author: Ann Lee
:Date: 2024-05-17
:Version: 3
:Keywords: boats, ports

Leaves at nine, see \`the plan <https://example.org/plan>\`_ and :ref:\`ports <port-list>\`.

.. _ports:

Ports of *call*
===============

.. image:: https://img.example.org/a.png
   :alt: Map of the ports
   :width: 80%

.. code-block:: python
   :linenos:

   def leave():

       return 9

.. note:: Bring cash.

   Cards are refused.

An example::

    $ ferry --now

    done

=====  =====
Port   Hour
=====  =====
Oslo   9

Bergen 10
=====  =====

.. |logo| image:: logo.png

\`\`cmd\`\` and \`Pier\`_
-------------------

- one

.. [1] The footnote.
`;

const ASCIIDOC = `// a comment
= Ferry *guide*
Ann Lee <ann@example.org>; Bo Ek
v1.2.1, 2024-05-17: spring
:keywords: boats, ports
:toc: left
:port-count: 3
:long: one \\
two

Leaves at nine, see https://example.org/plan[the plan].

////
Hidden block.

== Not a heading
////

[[ports]]
== Ports \`here\` ==

image::map.png[Map of the ports]

[source,python]
----
== not a heading
// kept
----

|===
|Port |Hour

|Oslo |9
|===

Piers
-----

* one
include::other.adoc[]
`;

const ORG = `# a comment
#+TITLE: Ferry
#+AUTHOR: Ann Lee
#+DATE: 2024-05-17
#+FILETAGS: :boats:ports:
#+OPTIONS: toc:nil

Leaves at nine, see [[https://example.org/plan][the plan]].

* TODO [#A] Ports /here/ [1/2] :sea:
:PROPERTIES:
:ID: 12-34
:END:
#+CAPTION: Hours of ports
| Port | Hour |
|------+------|
| Oslo |    9 |

#+BEGIN_SRC python
* not a heading
# kept
#+END_SRC

** COMMENT Later
hidden
*** Deeper
hidden too
** Piers
- one
# silent
#+begin_quote
Bring cash.
#+end_quote
`;

const LATEX = `\\documentclass{article}
\\usepackage{graphicx}
\\title{The F\\"ahre \\\\ guide}
\\author{Ann Lee \\and Bo Ek}
\\date{\\today}
\\begin{document}
\\maketitle

% a comment
Leaves at \\textbf{nine}~\\cite{plan}. % silent

\\section[short]{Ports \\texttt{here}\\label{sec:ports}}
See \\href{https://example.org/plan}{the plan}.

\\begin{verbatim}
\\section{not a heading}
% kept
\\end{verbatim}

\\begin{tabular}{lr}
Port & Hour \\\\ \\hline
Oslo & 9 \\\\
\\end{tabular}

\\begin{comment}
hidden
\\end{comment}
\\subsection*{Piers}
\\begin{itemize}
\\item one
\\end{itemize}
\\end{document}
behind
`;

it("reStructuredText: sections by their underlines, fields above the text, directives", () => {
  const { title, metadata, blocks } = readOf("a.rst", RST);
  expect(title).toBe("Ferry");
  expect(metadata).toEqual({ author: "Ann Lee", date: "2024-05-17", version: 3, keywords: ["boats", "ports"] });
  const ports = "Ferry > Ports of call";
  expect(blocks).toEqual([
    ["Ferry", "Ferry ======", "prose"],
    ["Ferry", "Leaves at nine, see `the plan` and `ports`.", "prose"],
    [ports, "Ports of *call* ===============", "prose"],
    [ports, "Map of the ports", "prose"],
    [ports, "python def leave(): return 9", "lines"],
    [ports, "Bring cash.", "prose"],
    [ports, "Cards are refused.", "prose"],
    [ports, "An example::", "prose"],
    [ports, "$ ferry --now done", "lines"],
    [ports, "===== ===== Port Hour ===== ===== Oslo 9 Bergen 10 ===== =====", "lines", "Port   Hour"],
    [`${ports} > cmd and Pier`, "``cmd`` and `Pier`_ -------------------", "prose"],
    [`${ports} > cmd and Pier`, "- one", "lines"],
    [`${ports} > cmd and Pier`, ".. [1] The footnote.", "prose"],
  ]);
});

it("AsciiDoc: sections by their signs or underlines, attributes of the header, delimited blocks", () => {
  const { title, metadata, blocks } = readOf("a.adoc", ASCIIDOC);
  expect(title).toBe("Ferry guide");
  expect(metadata).toEqual({
    authors: ["Ann Lee", "Bo Ek"],
    revnumber: "1.2.1",
    revdate: "2024-05-17",
    keywords: ["boats", "ports"],
    "port-count": 3,
    long: "one two",
  });
  const ports = "Ferry guide > Ports here";
  expect(blocks).toEqual([
    ["Ferry guide", "= Ferry *guide*", "prose"],
    ["Ferry guide", "Leaves at nine, see [the plan].", "prose"],
    [ports, "== Ports `here` ==", "prose"],
    [ports, "[Map of the ports]", "prose"],
    [ports, "---- == not a heading // kept ----", "lines"],
    [ports, "|=== |Port |Hour |Oslo |9 |===", "lines", "|Port |Hour"],
    ["Ferry guide > Piers", "Piers -----", "prose"],
    ["Ferry guide > Piers", "* one", "lines"],
  ]);
});

it("Org: headlines by their stars, keywords of the file, blocks and drawers", () => {
  const { title, metadata, blocks } = readOf("a.org", ORG);
  expect(title).toBe("Ferry");
  expect(metadata).toEqual({ author: "Ann Lee", date: "2024-05-17", tags: ["boats", "ports"] });
  expect(blocks).toEqual([
    ["", "Leaves at nine, see the plan.", "prose"],
    ["Ports here", "* TODO [#A] Ports /here/ [1/2] :sea:", "prose"],
    ["Ports here", "Hours of ports", "prose"],
    ["Ports here", "| Port | Hour | |------+------| | Oslo | 9 |", "lines", "| Port | Hour |"],
    ["Ports here", "* not a heading # kept", "lines"],
    ["Ports here > Piers", "** Piers", "prose"],
    ["Ports here > Piers", "- one", "lines"],
    ["Ports here > Piers", "Bring cash.", "prose"],
  ]);
});

it("LaTeX: sections by their commands, comments, verbatim text, tables", () => {
  const { title, metadata, blocks } = readOf("a.tex", LATEX);
  expect(title).toBe("The Fähre guide");
  expect(metadata).toEqual({ author: ["Ann Lee", "Bo Ek"] });
  expect(blocks).toEqual([
    ["", "", "prose"],
    ["", "Leaves at {nine}~.", "prose"],
    ["Ports here", "{Ports {here}}", "prose"],
    ["Ports here", "See {the plan}.", "prose"],
    ["Ports here", "\\section{not a heading} % kept", "lines"],
    ["Ports here", "Port & Hour Oslo & 9", "lines", "Port & Hour \\\\ \\hline"],
    ["Ports here > Piers", "{Piers}", "prose"],
    ["Ports here > Piers", "one", "prose"],
  ]);
});

it("reStructuredText may begin with a table", () => {
  const { blocks } = readOf("a.rst", "==  ==\na   b\n==  ==\n1   2\n==  ==\n");
  expect(blocks).toEqual([["", "== == a b == == 1 2 == ==", "lines", "a   b"]]);
});

describe("a text that is not closed", () => {
  it.each([
    ["a.adoc", "= Tea\n\n----\ncode\n\n== Next\n\ntext\n"],
    ["a.org", "#+TITLE: Tea\n#+BEGIN_SRC\ncode\n\n* Next\ntext\n"],
    ["a.tex", "\\title{Tea}\n\\begin{verbatim}\ncode\n\n\\section{Next}\ntext\n"],
    ["a.rst", "Tea\n===\n\n====  ====\na     b\n\nNext\n----\n\ntext\n"],
  ])("%s loses none of what follows", (name, text) => {
    const { title, blocks } = readOf(name, text);
    expect(title).toBe("Tea");
    expect(blocks.at(-1)?.slice(0, 2)).toEqual([expect.stringMatching(/Next$/), "text"]);
  });
});

it.each(["a.rst", "a.adoc", "a.org", "a.tex", "a.md"])("%s: all text is in a block, or known as not read", (name) => {
  const { parse } = formatOf(name) as TextFormat;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TOKENS, "word ", "\n\n"), { maxLength: 60 }), (tokens) => {
      const text = tokens.join("");
      const { blocks, unread = [] } = parse(text);
      const spans = [...blocks, ...unread].filter(({ start, end }) => start < end);
      for (const each of [blocks, unread]) {
        each.forEach(({ start, end }, i) => {
          expect(start).toBeGreaterThanOrEqual(each[i - 1]?.end ?? 0);
          expect(end).toBeLessThanOrEqual(text.length);
        });
      }
      const covered = new Uint8Array(text.length);
      for (const { start, end } of spans) covered.fill(1, start, end);
      const lost = [...text].length === text.length ? Array.from(text).filter((_, i) => covered[i] === 0) : [];
      expect(lost.join("").trim()).toBe("");
    }),
    { numRuns: 300 },
  );
});
