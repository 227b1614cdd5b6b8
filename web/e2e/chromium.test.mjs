// @vitest-environment node
import { expect, it } from "vitest";
import { chromiumOf } from "./chromium.mjs";

/** A machine with these files, on which commands with such a word in them bring a file. */
function machine(files, brings = {}, more = {}) {
  const asked = [];
  return {
    asked,
    env: { PATH: "/usr/local/bin:/usr/bin" },
    root: true,
    exists: (file) => files.includes(file),
    own: () => "/home/me/.cache/playwright/chrome",
    run(...words) {
      asked.push(words.join(" "));
      const file = Object.entries(brings).find(([word]) => words.includes(word))?.[1];
      if (file) files.push(file);
      return file !== undefined;
    },
    say: () => {},
    ...more,
  };
}

it("takes the browser that is named, before any other", () => {
  const env = { PATH: "/usr/bin", HALLES_CHROMIUM: "/opt/chromium" };
  expect(chromiumOf(machine(["/usr/bin/chromium", "/opt/chromium"], {}, { env }))).toBe("/opt/chromium");
  expect(chromiumOf(machine(["/usr/bin/chromium"], {}, { env })).message).toMatch(
    "names /opt/chromium, which does not exist",
  );
});

it("finds the system's, and Playwright's own, without installing anything", () => {
  const system = machine(["/usr/bin/chromium", "/home/me/.cache/playwright/chrome"]);
  expect(chromiumOf(system)).toBe("/usr/bin/chromium");
  expect(chromiumOf(machine(["/home/me/.cache/playwright/chrome"]))).toBe("/home/me/.cache/playwright/chrome");
  expect(system.asked).toEqual([]);
});

it("installs Playwright's own where that can be reached", () => {
  const reached = machine([], { "node_modules/@playwright/test/cli.js": "/home/me/.cache/playwright/chrome" });
  expect(chromiumOf(reached)).toBe("/home/me/.cache/playwright/chrome");
  expect(reached.asked).toHaveLength(1);
});

it("installs Debian's package where it cannot, with a fresh list if the old one does not do", () => {
  const debian = machine(["/usr/bin/apt-get"], { install: "/usr/bin/chromium" });
  expect(chromiumOf({ ...debian, run: (...words) => words[0] === "apt-get" && debian.run(...words) })).toBe(
    "/usr/bin/chromium",
  );

  let fresh = false;
  const stale = machine(["/usr/bin/apt-get"], { install: "/usr/bin/chromium" }, { root: false });
  const run = (...words) => {
    if (words.includes("update")) return (fresh = true);
    return words[0] === "sudo" && fresh && stale.run(...words);
  };
  expect(chromiumOf({ ...stale, run })).toBe("/usr/bin/chromium");
});

it("says plainly when it can do neither, and what to do", () => {
  const told = chromiumOf(machine(["/usr/bin/apt-get"])).message;
  expect(told).toMatch("neither found nor installed");
  expect(told).toMatch("sudo apt install chromium");
  expect(told).toMatch("HALLES_CHROMIUM=/path/to/chromium make test-web");
});
