/** Pieces of text that mean something to some parser, to be repeated. */
export const TOKENS = [
  ...["- ", "* ", "+ ", "1. ", "1) ", "> ", ">", "- > ", "> - ", "- - a\n", "- a\n", "- a\n\n", "  - a\n", "    a\n"],
  ...["#", "# ", "#\n", "===\n", "---\n", "a\n===\n", "* * *", "```\n", "~~~\n", "`", "*", "**", "_", "~~", "**_"],
  ...["[", "](", "[a](", "![", "[a]:\n", "[a]: b\n", "[a]: <", "[^1]: ", "|", "|-", "|a\n", "a|b\n-|-\n", ":-:|"],
  ...["<", "<!--", "<a ", "</a>", "<a href='", "<div>", "<div>\n", "<p>", "</p>\n", "<li>", "<nav>", "<svg>", "<pre>"],
  ...[
    "<table><tr><td>",
    "<script>",
    "<style>",
    "<h1>",
    "</h1>",
    "<h1></h1>",
    "<h1>a</h1>\n",
    "<img alt='",
    "# [![a][b]](c) ",
    "<title>",
    "<![CDATA[",
    "<?",
    "<!",
    "]]>",
    "&",
    "&amp;",
  ],
  ...["a", "a ", "a\n", "a\n\n", " ", "\n", "\t", "\r", "\r\n", " \n", "\u00a0", "\u2028", "\u200b", "\\", "é", "𝒂"],
  ...['"', "'", "/*", "//", "{", "{\n", "}\n", "(", "({[", "--", "1,", '"a",', "key: ", "- k: v\n", '"a":{', "[[", "0"],
  ...["def a():\n", "class A {\n", "function f(){\n", "@a\n", "#include\n", "import a\n", "func a() {\n", "CREATE "],
];

/** The same for what is XML, JSON or MIME inside. */
export const XML_TOKENS = [
  ...["<w:p>", "<w:p/>", "</w:p>", "<w:tbl><w:tr><w:tc>", "<w:tr><w:trPr><w:tblHeader/>", "<w:r><w:t>a</w:t></w:r>"],
  ...['<w:footnoteReference w:id="1"/>', '<w:basedOn w:val="a"/>', '<w:style w:styleId="a"><w:basedOn w:val="a"/>'],
  ...["<m:oMath>", "<m:f><m:num>", "<m:sSup><m:e>", "<m:d><m:e><m:e>", "<m:t>a</m:t>", "<a:p>", "<a:tbl><a:tr><a:tc>"],
  ...[
    "<row>",
    "<c><v>1</v></c>",
    '<row r="1"><c r="XFD1"><v>1</v></c></row>',
    "<si><t>a</t></si>",
    "<xf/>",
    "<a b='c'",
  ],
  ...['<item id="a" href="a"/>', '<itemref idref="p0"/>', '<a href="a.xhtml">a</a>', "<dc:title>a", "&#x41;", "a='b' "],
  ...["=?utf-8?q?a?= ", "=\r\n", "=41", "--b\r\n", "--b--\r\n", "a: b\r\n", "a@b, ", "<a@b>;", "a:", "(a", ",", ";"],
];
