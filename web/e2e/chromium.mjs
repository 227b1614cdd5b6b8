// Finds a Chromium, or installs one, and prints where it is; says plainly when it can do neither.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The path of the first browser that is there: the one named, the system's, Playwright's own. */
function found() {
  const named = process.env.HALLES_CHROMIUM;
  if (named) return existsSync(named) ? named : fail(`HALLES_CHROMIUM names ${named}, which does not exist.`);
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/bin", "/snap/bin"];
  const places = NAMES.flatMap((name) => folders.map((folder) => `${folder}/${name}`));
  return [...places, chromium.executablePath()].find((place) => existsSync(place));
}

function tried(command, words, why) {
  console.error(`No Chromium here. Trying ${why}: ${command} ${words.join(" ")}`);
  const { status } = spawnSync(command, words, { stdio: ["ignore", "ignore", "inherit"], timeout: 600_000 });
  return status === 0 && found();
}

function installed() {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const debian = (...words) => [...asRoot, "apt-get", ...words];
  const run = ([command, ...words], why) => tried(command, words, why);
  const options = ["--yes", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"];
  return (
    tried(process.execPath, ["node_modules/@playwright/test/cli.js", "install", "chromium"], "Playwright's own") ||
    (existsSync("/usr/bin/apt-get") &&
      (run(debian("install", ...options, "chromium"), "Debian's package") ||
        (run(debian("update"), "a fresh list of Debian's packages"),
        run(debian("install", ...options, "chromium"), "Debian's package"))))
  );
}

function fail(why) {
  console.error(why);
  console.error("The end-to-end tests need Chromium. Install it (Debian: sudo apt install chromium),");
  console.error("or name one: HALLES_CHROMIUM=/path/to/chromium make test-web");
  process.exit(1);
}

console.log(found() ?? (installed() || fail("Chromium could be neither found nor installed.")));
