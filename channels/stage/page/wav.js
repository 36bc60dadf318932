// Sound as it comes in frames: a WAV file of 16 bits and one channel, in base64.

const HEADER = 44;

export function readWav(text) {
  const file = atob(text);
  const bytes = new Uint8Array(file.length);
  for (let n = 0; n < file.length; n++) bytes[n] = file.charCodeAt(n);
  const view = new DataView(bytes.buffer);
  const samples = new Float32Array((bytes.length - HEADER) >> 1);
  for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(HEADER + 2 * n, true) / 32768;
  return { rate: view.getUint32(24, true), samples };
}
