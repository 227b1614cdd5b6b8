import { onScopeDispose, ref } from "vue";

/** Records from the microphone, which the browser asks for. */
export function useRecorder() {
  const recording = ref(false);
  const seconds = ref(0);
  let recorder: MediaRecorder | undefined;
  let clock: ReturnType<typeof setInterval> | undefined;

  async function start(): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    recorder = new MediaRecorder(stream);
    recorder.start();
    [recording.value, seconds.value] = [true, 0];
    clock = setInterval(() => seconds.value++, 1000);
  }

  /** End the recording and give it. */
  function finish(): Promise<Blob> {
    return new Promise((resolve) => {
      if (!recorder) return;
      const parts: Blob[] = [];
      recorder.ondataavailable = (event) => parts.push(event.data);
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
