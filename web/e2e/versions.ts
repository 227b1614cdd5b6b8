import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Server } from "./server";

const MODEL = join(import.meta.dirname, "../../src/halles_services/music_style/model.onnx");
const GENRES = "blues classical country disco electronic hiphop jazz metal pop reggae rock".split(" ");
const EACH = 20;

/** Push a version of the real model, which is right on such a share of its clips, and finds none of a class that is lost. */
export async function push(server: Server, name: string, accuracy: number, lost = ""): Promise<void> {
  const folder = join(server.home, "trained", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.onnx"), Buffer.concat([await readFile(MODEL), remark(name)]));
  await writeFile(join(folder, "predictions.csv"), predictions(accuracy, lost));
  await copyFile(join(dirname(MODEL), "baseline.json"), join(folder, "baseline.json"));
  await writeFile(join(folder, "card.md"), `# The card of ${name}\n\nTrained for a test.\n`);
  await writeFile(join(folder, "params.yaml"), `accuracy: ${accuracy}\n`);
  const file = (each: string) => join(folder, each);
  const more = ["--card", file("card.md"), "--params", file("params.yaml"), "--data", "sha-of-data", "--note", name];
  await server.command("models", "push", "music-style", file("model.onnx"), "--evaluation", folder, ...more);
}

/** A field at the end of a model that the runtime does not heed: another file which says the same. */
function remark(text: string): Buffer {
  const pair = Buffer.concat([Buffer.from("\n\x04note\x12"), Buffer.from([text.length]), Buffer.from(text)]);
  return Buffer.concat([Buffer.from([0x72, pair.length]), pair]);
}

function predictions(accuracy: number, lost: string): string {
  const rows = GENRES.flatMap((genre, place) =>
    Array.from({ length: EACH }, (_, number) => {
      const right = genre !== lost && number < accuracy * EACH;
      const said = right ? genre : GENRES[(place + 1) % GENRES.length];
      const rest = (1 - accuracy) / (GENRES.length - 1);
      return [`${genre} ${number}.opus`, genre, ...GENRES.map((each) => (each === said ? accuracy : rest))].join(",");
    }),
  );
  return [["file", "genre", ...GENRES].join(","), ...rows, ""].join("\n");
}
