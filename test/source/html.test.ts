import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHtml } from "#src/source/formats/html.js";

const slices = (page: string) => {
  const { text, blocks } = parseHtml(page);
  return blocks.map(({ start, end }) => text.slice(start, end));
};

describe("XHTML", () => {
  it.each(["a", "p", "div", "title", "script", "iframe", "style", "nav", "pre", "table", "h2", "textarea"])(
    "closes <%s/>",
    (name) => {
      expect(slices(`<html><body><p>before</p><${name} id="x"/><p>wick  and\nledger</p></body></html>`)).toEqual([
        "before",
        "wick and ledger",
      ]);
    },
  );

  it("takes the first heading where the title is empty", () => {
    const page = "<head><title/></head><body><h1>The harbour master</h1><h2>After the storm</h2><p>Two.</p></body>";
    expect(parseHtml(page).title).toBe("The harbour master");
    expect(parseHtml(page).blocks.at(-1)?.headings).toEqual(["The harbour master", "After the storm"]);
  });
});

describe("what of a page is no text", () => {
  it.each([
    ["<p hidden>", "</p>"],
    ['<div hidden=""><div>', "</div><p>more</p></div>"],
    ['<span aria-hidden="TRUE">', "</span>"],
    ['<p style="color:red; display : none">', "</p>"],
    ["<ul role=navigation><li>", "</ul>"],
    ['<div role="banner">', "</div>"],
    ["<div role=contentinfo>", "</div>"],
    ["<nav><ul><li>", "</ul></nav>"],
    ["<header><h1>", "</h1></header>"],
    ["<footer>", "</footer>"],
    ['<table><tr><td class="linenos"><pre>', "</pre></td></tr></table>"],
    ['<table><tr><td class="gutter"><pre>', "</pre></td></tr></table>"],
    ['<pre><span class="lineno">', "</span></pre>"],
  ])("is %s", (start, end) => {
    expect(slices(`<body><p>one</p>${start}hidden${end}<p>two</p></body>`)).toEqual(["one", "two"]);
  });

  it("ends where the element does, whichever way it ends", () => {
    expect(slices("<p hidden>x<p>one")).toEqual(["one"]);
    expect(slices("<ul><li hidden>x<ul><li>x</ul><li>one</ul>two")).toEqual(["one", "two"]);
    expect(slices("<div><span hidden>x</div>one")).toEqual(["one"]);
    expect(slices("<table><tr><td hidden>x<td>one<tr><td>two</table>three")).toEqual(["one\ntwo", "three"]);
    expect(slices("<div><img hidden alt=x>one<input hidden>two</div>")).toEqual(["onetwo"]);
    expect(slices("<b><div hidden>x</b>x</div>one")).toEqual(["one"]);
    expect(slices("<div hidden><p>x</section>x</div>one")).toEqual(["one"]);
  });

  it("is no header or footer of an article or section, and no page that hides itself until it is loaded", () => {
    expect(slices("<article><header>by her</header><p>text</p><footer>notes</footer></article>")).toEqual([
      ...["by her", "text", "notes"],
    ]);
    expect(slices('<body style="display:none"><p>text</body>')).toEqual(["text"]);
    expect(slices('<body><div style="visibility:hidden"><p>text</div></body>')).toEqual(["text"]);
    expect(slices("<p hidden=until-found>text</p>")).toEqual(["text"]);
  });

  it("is a heading's link to itself, and no link that is its text", () => {
    const links = [
      '<a class="headerlink" href="#p">\u00b6</a>',
      "<a class=hash-link href=#p>link</a>",
      '<a href="#p">#</a>',
      "<a href=#p>&para;</a>",
    ];
    for (const link of links) expect(slices(`<h2>Priming${link}</h2><p>text`)).toEqual(["Priming", "text"]);
    expect(slices('<h2><a class="anchor" href="#p">Priming</a></h2>')).toEqual(["Priming"]);
  });
});

describe("a formula", () => {
  it("is read once, where it is drawn a second time for the eyes", () => {
    const math = "<math><mi>x</mi><mo>=</mo><mn>2</mn><annotation>x=2</annotation></math>";
    expect(slices(`<p>so ${math}<span aria-hidden="true">x=2</span> here`)).toEqual(["so x=2 here"]);
  });
});

describe("the main part of a page", () => {
  const aside = "<div>All articles</div>";
  const text = "<h1>Pumps</h1><p>Fill the casing through the plug before the first start.";
  it.each([
    ["<main>", "</main>"],
    ["<article>", "</article>"],
    ["<div role=main>", "</div>"],
  ])("is %s where most of the text stands in it", (start, end) => {
    const page = `<title>Guide</title>${aside}${start}${text}${end}${aside}`;
    expect(slices(page)).toEqual(["Pumps", "Fill the casing through the plug before the first start."]);
    expect(parseHtml(page).title).toBe("Guide");
  });

  it("is the whole page where it holds little", () => {
    expect(slices(`<main>Welcome</main>${text}`)).toEqual([
      ...["Welcome", "Pumps", "Fill the casing through the plug before the first start."],
    ]);
  });
});

describe("images", () => {
  it("are their alternative text, never their address", () => {
    const page = '<p>See<img alt="Exploded &amp; view" src="data:image/png;base64,iVBORw0KGgo="/>and<img alt="">\nthis';
    expect(slices(page)).toEqual(["See Exploded & view and this"]);
    expect(slices('<svg><title>logo</title></svg><img src="data:x"><p>one')).toEqual(["one"]);
  });

  it("have the line that they stand on", () => {
    const { text, lines } = parseHtml('<p>one\n<p>\n<img src=x\nalt="two">\n<p>three');
    const at = text.indexOf("two");
    expect(lines?.numbers[lines.offsets.findLastIndex((start) => start <= at)]).toBe(4);
  });
});

describe("any page", () => {
  const names = "div p li ul table tr td b a nav main article section header pre title script h2 svg br".split(" ");
  const attributes = [
    "",
    " hidden",
    ' role="main"',
    " role=navigation",
    ' style="display:none"',
    " class=lineno",
    " alt=x",
  ];
  const part = fc.oneof(
    fc
      .tuple(fc.constantFrom(...names), fc.constantFrom(...attributes), fc.constantFrom("", "/"))
      .map((tag) => `<${tag.join("")}>`),
    fc.constantFrom(...names).map((name) => `</${name}>`),
    fc.constantFrom("word ", "\n", "&amp;", "<", "<!--", "-->", "data:,x", "\u00b6"),
  );

  it("gives ordered blocks that hold all of its text", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const { text, blocks } = parseHtml(parts.join(""));
        let at = 0;
        for (const { start, end } of blocks) {
          expect(text.slice(at, start).trim()).toBe("");
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["<b>", "</b>", "<b></i>", "<p>", "<div hidden>", "<td><b>", "<a href=#x>", "<p style='", "<li><b><div>"])(
    "takes linear time for many %s",
    (tag) => {
      const started = performance.now();
      parseHtml(`<main>${"<i>".repeat(300)}${tag.repeat(1_000_000 / tag.length)}`);
      expect(performance.now() - started).toBeLessThan(5_000);
    },
  );
});
