import { onScopeDispose, ref } from "vue";

/** The microphone is not there, or not open to this page. */
export class NoMicrophone extends Error {}

/** Records from the microphone, which the browser asks for. */
export function useRecorder() {
  const recording = ref(false);
  const seconds = ref(0);
  let recorder: MediaRecorder | undefined;
  let clock: ReturnType<typeof setInterval> | undefined;
  const parts: Blob[] = [];

  async function start(): Promise<void> {
    const sound = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    let stream: MediaStream;
    try {
      // Browsers have no `mediaDevices` on pages that came over an open line.
      stream = await navigator.mediaDevices.getUserMedia({ audio: sound });
    } catch {
      throw new NoMicrophone();
    }
    parts.length = 0;
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.start();
    [recording.value, seconds.value] = [true, 0];
    clock = setInterval(() => seconds.value++, 1000);
  }

  /** End the recording and give it. */
  function finish(): Promise<Blob> {
    return new Promise((resolve) => {
      if (!recorder) return;
      recorder.onstop = () => resolve(new Blob(parts, { type: recorder?.mimeType }));
      release();
    });
  }

  function release(): void {
    clearInterval(clock);
    recording.value = false;
    if (recorder?.state === "recording") recorder.stop();
    recorder?.stream.getTracks().forEach((track) => track.stop());
  }

  onScopeDispose(release);
  return { recording, seconds, start, finish };
}
