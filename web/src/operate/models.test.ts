import { expect, it } from "vitest";
import { improved, rival, sentence } from "./models";

const write = {
  share: (value: number) => `${Math.round(value * 100)} %`,
  points: (value: number) => `${(value * 100).toFixed(1)} points`,
  plain: (value: number, digits: number) => value.toFixed(digits),
};

it("says shares, points and probabilities as a person writes them", () => {
  const numbers = { candidate: 0.845, production: 0.755, effect: 0.09, won: 20, p: 0.0000009 };
  const found = sentence({ check: "better", passed: true, message: "", subject: "", numbers }, write);
  expect(found.key).toBe("operate.models.gate.better.passed");
  expect(found.values).toMatchObject({ candidate: "85 %", effect: "9.0 points", p: "< 0.001" });
});

it("names the class that is lost, and what is asked for", () => {
  const numbers = { candidate: 0.05, production: 0.75, limit: 0.65 };
  const found = sentence({ check: "class", passed: false, message: "", subject: "blues", numbers }, write);
  expect(found).toEqual({
    key: "operate.models.gate.class.refused",
    values: { subject: "blues", candidate: "5 %", production: "75 %", limit: "65 %" },
  });
});

it("calls what is not better no luck", () => {
  const worse = { check: "better", passed: false, message: "", subject: "", numbers: { effect: -0.1 } } as const;
  expect(sentence(worse, write).key).toBe("operate.models.gate.better.worse");
});

it("knows which way is better", () => {
  expect(improved("accuracy", 0.7, 0.8)).toBe(true);
  expect(improved("ece", 0.02, 0.05)).toBe(false);
  expect(improved("megabytes", 4.5, 4.5)).toBeUndefined();
});

it("compares with production, else with the version before, else with another one", () => {
  expect(rival(3, 2, [1, 2, 3])).toBe(2);
  expect(rival(3, 3, [1, 2, 3])).toBe(2);
  expect(rival(1, 0, [1, 2])).toBe(2);
  expect(rival(1, 1, [1])).toBeUndefined();
});
