import { marked } from "marked";
import { expect, it } from "vitest";
import { arrange } from "./markdown";

/** The Markdown in order; that it is harmless is tried in a real browser. */
function shown(text: string, deeper = 0): string {
  const root = document.createElement("div");
  root.innerHTML = marked.parse(text, { async: false, gfm: true });
  arrange(root, deeper);
  return root.innerHTML;
}

it("puts headings below those of the page", () => {
  expect(shown("# One\n\n##### Deep", 2)).toContain("<h3>One</h3>");
  expect(shown("##### Deep", 2)).toContain("<h6>Deep</h6>");
});
it("gives a table without titles none, and its rows their first cell as one", () => {
  const html = shown("| | |\n|---|---|\n| size | 3 MB |");
  expect(html).not.toContain("<thead>");
  expect(html).toContain('<th scope="row">size</th>');
});
it("leaves no title of a column empty", () => {
  const html = shown("| | blues |\n|---|---|\n| tempo | 80 |");
  expect(html).toContain("<th>blues</th>");
  expect(html).not.toMatch(/<th[^>]*><\/th>/);
});
