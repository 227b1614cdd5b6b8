/** What can be said of a file before it is sent. The server looks at all of it again. */

/** Why a file is not sent: the key of what is said of it. */
export type Objection = "notAudio" | "empty" | "silent" | "short";

const NAMES =
  /\.(mp3|wav|wave|flac|m4a|mp4|aac|ogg|oga|opus|webm|mka|mkv|aif|aiff|aifc|caf|wma|asf|ape|wv|ac3|au|mov|m4v|3gp)$/i;
/** Files beyond this are not decoded here: a browser holds them whole, uncompressed. */
const DECODED_BYTES = 40_000_000;
/** Below this nothing is heard, whatever it is played on. */
const SILENCE = 0.0008;
const SHORTEST_SECONDS = 1;

/** What is against a file, if that can be told by its name and type alone. */
export function byName(file: { name: string; type: string; size: number }): Objection | undefined {
  if (!file.size) return "empty";
  const sounds = /^(audio|video)\//.test(file.type) || file.type === "application/ogg";
  return sounds || NAMES.test(file.name) ? undefined : "notAudio";
}

/** What is against a sound: a second of something is needed. */
export function bySound(channels: readonly Float32Array[], seconds: number): Objection | undefined {
  if (seconds < SHORTEST_SECONDS) return "short";
  const loud = channels.some((samples) => samples.some((sample) => Math.abs(sample) > SILENCE));
  return loud ? undefined : "silent";
}

/** What is against a file. What this browser cannot decode is for the server to judge. */
export async function objection(file: File | Blob, name: string): Promise<Objection | undefined> {
  const told = byName({ name, type: file.type, size: file.size });
  if (told || file.size > DECODED_BYTES) return told;
  const context = new OfflineAudioContext(1, 1, 8000);
  const sound = await context.decodeAudioData(await file.arrayBuffer()).catch(() => undefined);
  if (!sound) return undefined;
  const channels = Array.from({ length: sound.numberOfChannels }, (_, at) => sound.getChannelData(at));
  return bySound(channels, sound.duration);
}
