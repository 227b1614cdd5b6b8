import { expect, it } from "vitest";
import { asks, filterOf, queryOf, refreshed, took, type Head } from "./list";

const run = (id: string, created: number, status: Head["status"] = "finished") => ({ id, created, status }) as Head;
const ids = (runs: Head[]) => runs.map((each) => each.id).join("");

it("reads a filter from an address, and writes it back", () => {
  const query = { state: "failed", within: "week", text: "boat", pipeline: "cover-art" };
  expect(queryOf(filterOf(query))).toEqual(query);
  expect(queryOf(filterOf({ state: "lost", within: "ever", text: "" }))).toEqual({});
  expect(asks({ within: "hour" }, 10_000).since).toBe(6400);
});
it("puts new runs where they belong, and takes changes", () => {
  const known = [run("c", 3, "running"), run("a", 1)];
  const now = refreshed(known, [run("d", 4), run("c", 3), run("b", 2)], true, [], []);
  expect(ids(now)).toBe("dcba");
  expect(now[1]!.status).toBe("finished");
});
it("forgets a run that is not told of where it would be", () => {
  const known = [run("c", 3), run("b", 2), run("a", 1)];
  expect(ids(refreshed(known, [run("c", 3)], true, ["a"], []))).toBe("cb");
  expect(ids(refreshed(known, [run("c", 3), run("a", 1)], false, [], []))).toBe("ca");
});
it("leaves out what fits the state no longer", () => {
  const known = [run("b", 2, "running"), run("a", 1, "running")];
  const news = [run("b", 2, "running")];
  expect(ids(refreshed(known, news, true, ["a"], [run("a", 1, "finished")], "running"))).toBe("b");
});
it("counts on while a run is under way", () => {
  expect(took({ begun: 10, updated: 12, status: "running" }, 20)).toBe(10);
  expect(took({ begun: 10, updated: 12, status: "failed" }, 20)).toBe(2);
  expect(took({ begun: null, updated: 12, status: "pending" }, 20)).toBeUndefined();
});
