import { expect, it } from "vitest";
import { Refusal, refusal } from "@/client/api";
import { known, limitOf } from "./problem";

const keys = ["problem.0", "problem.404", "problem.503"];
it.each([
  [404, "problem.404"],
  [503, "problem.503"],
  [504, "problem.0"],
  [500, "problem.server"],
  [418, "problem.other"],
  [-1, "problem.other"],
])("has words for %s", (status, key) => expect(known(status, (each) => keys.includes(each))).toBe(key));

it("finds the limit that was passed", () => {
  const message = "The body of the request has more than 8,388,608 bytes, which is the limit.";
  expect(limitOf(refusal(413, { problems: [{ code: "too-large", message }] }))).toBe(8_388_608);
  expect(limitOf(new Refusal(413, [], ""))).toBeUndefined();
  expect(limitOf(new Refusal(422, [], message))).toBeUndefined();
});

it("knows when to try again", () => {
  expect(refusal(429, {}, new Headers({ "retry-after": "7" })).after).toBe(7);
  expect(refusal(429, "no problem document").after).toBeUndefined();
});
