import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../..");
const HALLES = join(ROOT, ".venv/bin/halles");
const PYTHON = join(ROOT, ".venv/bin/python");
/** A song that is sung, in the repository. */
export const SONG = join(ROOT, "src/halles_services/demo/song.opus");

/** A real `halles serve` with a home of its own; it can be killed and started again on the same port. */
export class Server {
  url = "";
  private process?: ChildProcess;

  private constructor(
    readonly home: string,
    private readonly settings: Record<string, string>,
  ) {}

  /** `before` is done in its home before it starts, as an operator does who makes the first key. */
  static async begin(
    settings: Record<string, string> = {},
    before?: (server: Server) => Promise<void>,
  ): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "halles-e2e-")), settings);
    await before?.(server);
    await server.start();
    return server;
  }

  /** What a command of `halles` prints, on the machine and in the home of this server. */
  async command(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(HALLES, words, { env: this.environment });
    return stdout.trim();
  }

  /** Run a Python script of the repository with the libraries of this server. */
  async python(script: string, ...words: string[]): Promise<void> {
    await promisify(execFile)(PYTHON, [join(ROOT, script), ...words], { env: this.environment });
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.settings, HALLES_HOME: this.home };
  }

  /** Start, or start again where it was. Ends when it listens. */
  async start(): Promise<void> {
    const port = this.url ? new URL(this.url).port : "0";
    const running = spawn(HALLES, ["serve", "--port", port], {
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = running;
    const said: string[] = [];
    running.stderr.on("data", (piece: Buffer) => said.push(piece.toString()));
    for await (const line of createInterface(running.stdout)) {
      said.push(`${line}\n`);
      const listens = /listens on (http:\S+)/.exec(line);
      if (!listens) continue;
      this.url = listens[1]!;
      running.stdout.resume();
      return;
    }
    throw new Error(`halles serve ended before it listened:\n${said.join("")}`);
  }

  /** End it at once, as a power cut would. */
  async kill(): Promise<void> {
    if (!this.process || this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.home, { recursive: true, force: true });
  }
}
