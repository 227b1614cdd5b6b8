import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");

/** The OpenID Connect provider of the Python tests, as a process. */
export class Provider {
  private constructor(
    private readonly process: ChildProcess,
    readonly settings: Record<string, string>,
  ) {}

  static async begin(): Promise<Provider> {
    const python = join(ROOT, ".venv/bin/python");
    const running = spawn(python, ["-m", "tests.identity.provider"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(running.stdout), "line")) as [string];
    return new Provider(running, JSON.parse(line) as Record<string, string>);
  }

  async end(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
  }
}
