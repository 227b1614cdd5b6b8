import { afterEach, expect, it, vi } from "vitest";
import { Refusal, stopRun } from "./api";

const answering = (status: number) =>
  vi.stubGlobal("fetch", async () => Response.json({ problems: [], detail: "" }, { status }));

afterEach(() => vi.unstubAllGlobals());

it("is not refused by a run that has ended meanwhile", async () => {
  answering(409);
  await expect(stopRun("r1")).resolves.toBeUndefined();
});

it("tells any other refusal", async () => {
  answering(403);
  await expect(stopRun("r1")).rejects.toBeInstanceOf(Refusal);
});
