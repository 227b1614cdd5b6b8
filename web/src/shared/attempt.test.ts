import { expect, it } from "vitest";
import { useAttempt } from "./attempt";

it("tells what is under way and what failed, and forgets the failure when it is tried again", async () => {
  const { working, failure, attempt } = useAttempt();
  let refuse!: (problem: Error) => void;
  const first = attempt(() => new Promise((_, reject) => (refuse = reject)));
  expect([working.value, failure.value]).toEqual([true, undefined]);
  refuse(new Error("full"));
  await first;
  expect([working.value, failure.value]).toEqual([false, new Error("full")]);
  await attempt(async () => undefined);
  expect([working.value, failure.value]).toEqual([false, undefined]);
});
