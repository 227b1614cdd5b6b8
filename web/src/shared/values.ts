/** How a value is shown, by what it is. */

/** The most bytes of text that are shown in place. */
const SHOWN = 2_000_000;
/** The most rows of a table that are shown. */
const ROWS = 500;

export type View = "image" | "audio" | "video" | "table" | "json" | "text" | "file";

export function viewOf({ media_type, size }: { media_type: string; size: number }): View {
  const type = media_type.split(";")[0] ?? "";
  const [family] = type.split("/");
  if (family === "image" || family === "audio" || family === "video") return family;
  if (size > SHOWN || type === "text/html") return "file";
  if (type === "text/csv") return "table";
  if (type === "application/json" || type.endsWith("+json")) return "json";
  return family === "text" ? "text" : "file";
}

/** The rows of a file of comma-separated values; a cell in quotes may hold commas, quotes and line ends. */
export function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.trim().matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    if (quoted === undefined && plain === "" && end === "" && rows.at(-1)!.length) continue;
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== "," && end !== "") rows.push([]);
    if (rows.length > ROWS) break;
  }
  return rows;
}

/** A list of flat objects as a table, its titles first; nothing else is one. */
export function tableOf(data: unknown): string[][] | undefined {
  if (!Array.isArray(data) || !data.length || data.length > ROWS) return undefined;
  const flat = (each: unknown) => typeof each !== "object" || each === null;
  if (!data.every((row) => row && !Array.isArray(row) && typeof row === "object" && Object.values(row).every(flat)))
    return undefined;
  const titles = [...new Set(data.flatMap((row) => Object.keys(row)))];
  return [titles, ...data.map((row) => titles.map((title) => String(row[title] ?? "")))];
}
