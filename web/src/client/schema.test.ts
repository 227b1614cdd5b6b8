// @vitest-environment node
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

const WEB = join(import.meta.dirname, "../..");

/** That the document itself is the server's is held by tests/api/test_openapi.py. */
it("is made from the description of the API as it is now: else run `make client`", { timeout: 30_000 }, async () => {
  const made = astToString(await openapiTS(pathToFileURL(join(WEB, "openapi.json"))));
  const kept = await readFile(join(WEB, "src/client/schema.ts"), "utf8");
  // A heading stands above what is made; a difference is told by its first line, not by all twenty thousand.
  const lines = (text: string) => text.slice(text.indexOf("export interface paths")).trimEnd().split("\n");
  const [now, before] = [lines(made), lines(kept)];
  expect(before[now.findIndex((line, at) => line !== before[at])], "the first line that differs").toBeUndefined();
  expect(before.length).toBe(now.length);
});
