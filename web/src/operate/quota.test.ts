import { expect, it } from "vitest";
import { fieldsOf, quotaOf } from "./quota";

it("sets bytes in megabytes and time in minutes, and leaves empty what is without limit", () => {
  const fields = fieldsOf({ runs_a_day: 0, runs_queued: null, stored_bytes: 2_500_000, compute_seconds_a_day: 90 });
  expect(fields).toEqual({ runs_a_day: "0", runs_queued: "", stored_bytes: "2.5", compute_seconds_a_day: "1.5" });
});

it("reads back what it wrote, whole where the server counts in whole numbers", () => {
  const quota = { runs_a_day: 3, runs_queued: null, stored_bytes: 1_234_567, compute_seconds_a_day: 10.5 };
  expect(quotaOf(fieldsOf(quota))).toEqual(quota);
  expect(quotaOf({ runs_a_day: 2, stored_bytes: "0.0000015" })).toEqual({
    runs_a_day: 2,
    runs_queued: null,
    stored_bytes: 2,
    compute_seconds_a_day: null,
  });
});
