// Finds a Chromium, or installs one, and prints where it is; says plainly when it can do neither.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const OPTIONS = ["--yes", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"];

/** What is asked of the machine, so that the tests can be any machine. */
const machine = {
  env: process.env,
  root: process.getuid?.() === 0,
  exists: existsSync,
  own: () => chromium.executablePath(),
  run(command, ...words) {
    const { status } = spawnSync(command, words, { stdio: ["ignore", "ignore", "inherit"], timeout: 600_000 });
    return status === 0;
  },
  say: (text) => console.error(text),
};

/** The path of the first browser that is there: the one named, the system's, Playwright's own; or why there is none. */
export function chromiumOf(on = machine) {
  const named = on.env.HALLES_CHROMIUM;
  if (named) return on.exists(named) ? named : refused(`HALLES_CHROMIUM names ${named}, which does not exist.`);
  return found(on) ?? installed(on) ?? refused("Chromium could be neither found nor installed.");
}

function found({ env, exists, own }) {
  const folders = [...(env.PATH ?? "").split(":"), "/usr/bin", "/snap/bin"];
  const places = NAMES.flatMap((name) => folders.map((folder) => `${folder}/${name}`));
  return [...places, own()].find((place) => exists(place));
}

function installed(on) {
  const tried = (why, command, ...words) => {
    on.say(`No Chromium here. Trying ${why}: ${command} ${words.join(" ")}`);
    return on.run(command, ...words) ? found(on) : undefined;
  };
  const debian = (why, ...words) => tried(why, ...(on.root ? [] : ["sudo", "-n"]), "apt-get", ...words);
  const packaged = () => debian("Debian's package", "install", ...OPTIONS, "chromium");
  const own = [process.execPath, "node_modules/@playwright/test/cli.js", "install", "chromium"];
  return (
    tried("Playwright's own", ...own) ??
    (on.exists("/usr/bin/apt-get")
      ? (packaged() ?? debian("a fresh list of Debian's packages", "update") ?? packaged())
      : undefined)
  );
}

function refused(why) {
  const advice =
    "The end-to-end tests need Chromium. Install it (Debian: sudo apt install chromium),\n" +
    "or name one: HALLES_CHROMIUM=/path/to/chromium make test-web";
  return new Error(`${why}\n${advice}`);
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const browser = chromiumOf();
  if (browser instanceof Error) {
    console.error(browser.message);
    process.exit(1);
  }
  console.log(browser);
}
