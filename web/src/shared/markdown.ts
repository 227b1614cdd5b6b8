import DOMPurify from "dompurify";
import { marked } from "marked";

/**
 * Markdown of others as harmless HTML: no script, and no picture from elsewhere.
 * Its headings go `deeper` than those of the page around it; tables without titles get none that are empty.
 */
export function harmless(text: string, deeper = 0): string {
  const root = document.createElement("div");
  const html = marked.parse(text, { async: false, gfm: true });
  root.innerHTML = DOMPurify.sanitize(html, { FORBID_TAGS: ["img", "style", "form", "input"] });
  arrange(root, deeper);
  return root.innerHTML;
}

/** Put headings and tables in order. */
export function arrange(root: HTMLElement, deeper = 0): void {
  for (const heading of root.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Math.min(6, Number(heading.tagName[1]) + deeper);
    renamed(heading, `h${level}`);
  }
  for (const table of root.querySelectorAll("table")) titled(table);
  for (const code of root.querySelectorAll<HTMLElement>("pre")) code.tabIndex = 0; // So that keys scroll it.
}

function titled(table: HTMLTableElement): void {
  const titles = [...table.querySelectorAll("thead th")];
  if (titles.every((title) => !title.textContent?.trim())) {
    table.querySelector("thead")?.remove();
    for (const first of table.querySelectorAll("tbody td:first-child"))
      renamed(first, "th").setAttribute("scope", "row");
  }
  for (const title of table.querySelectorAll("thead th")) if (!title.textContent?.trim()) renamed(title, "td");
  const frame = document.createElement("div");
  frame.className = "scroll";
  frame.tabIndex = 0; // So that it can be scrolled with keys.
  table.replaceWith(frame);
  frame.append(table);
}

function renamed(element: Element, name: string): Element {
  const other = document.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}
