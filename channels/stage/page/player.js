// Plays clips one after the other without gaps, and knows what is seen and heard at any moment.
//
// There is one clock, in seconds: that of the sound where it is on, else the page's own. What is queued keeps its times when
// the sound is switched on or lost, so that it begins, or goes on silently, in the middle of a word.

import { mouthAt, REST, syllables } from "/stage/static/lips.js";
import { readWav } from "/stage/static/wav.js";

// Sound is scheduled so long ahead; a cue that is stopped fades out for so long, in seconds.
const AHEAD_S = 0.05;
const FADE_S = 0.02;

const pageTime = () => performance.now() / 1000;

export class Player {
  constructor() {
    this.context = null;
    this.offset = 0; // of this clock against the context's
    this.muted = false;
    this.clear();
  }

  // ---- time

  now() {
    return this.context ? this.context.currentTime + this.offset : pageTime() + this.offset;
  }

  // The time of what leaves the loudspeakers now.
  heard() {
    return this.now() - (this.context ? (this.context.outputLatency || this.context.baseLatency || 0) : 0);
  }

  // When what is queued ends.
  end() {
    const last = this.clips.at(-1);
    return last ? last.start + last.seconds : -Infinity;
  }

  // ---- what comes

  caption(frame) {
    this.tidy();
    const at = Math.max(this.now(), this.end());
    this.captions.push({ ...frame, at });
    if (!frame.spoken) this.queue({ cue: frame.cue, seconds: frame.seconds, visemes: syllables(frame.text, frame.seconds) });
  }

  clip(frame) {
    if (this.stopped.has(frame.cue)) return;
    const visemes = frame.wav ? frame.visemes : syllables(frame.text, frame.seconds);
    this.queue({ cue: frame.cue, seconds: frame.seconds, visemes, sound: frame.wav ? readWav(frame.wav) : null });
  }

  queue(clip) {
    this.tidy();
    clip.start = Math.max(this.now() + AHEAD_S, this.end());
    this.clips.push(clip);
    this.schedule(clip);
  }

  stop(cue) {
    this.stopped.add(cue);
    this.captions = this.captions.filter((caption) => caption.cue !== cue);
    for (const clip of this.clips) if (clip.cue === cue) this.silence(clip);
    this.clips = this.clips.filter((clip) => clip.cue !== cue);
  }

  // Forget everything, as where the line is lost: nobody could stop it any more.
  clear() {
    for (const clip of this.clips ?? []) this.silence(clip);
    this.clips = [];
    this.captions = [];
    this.stopped = new Set();
  }

  // ---- sound

  // Use a running context from now on; null where it has been lost.
  attach(context) {
    const now = this.now();
    for (const clip of this.clips) this.silence(clip);
    this.context = context;
    this.offset = now - (context ? context.currentTime : pageTime());
    if (!context) return;
    this.volume = new GainNode(context, { gain: this.muted ? 0 : 1 });
    this.volume.connect(context.destination);
    for (const clip of this.clips) this.schedule(clip);
  }

  mute(muted) {
    this.muted = muted;
    if (this.context) this.volume.gain.setTargetAtTime(muted ? 0 : 1, this.context.currentTime, FADE_S / 4);
  }

  schedule(clip) {
    if (!this.context || !clip.sound) return;
    const { rate, samples } = clip.sound;
    const buffer = new AudioBuffer({ length: Math.max(1, samples.length), sampleRate: rate });
    buffer.copyToChannel(samples, 0);
    clip.source = new AudioBufferSourceNode(this.context, { buffer });
    clip.fader = new GainNode(this.context);
    clip.source.connect(clip.fader).connect(this.volume);
    const late = Math.max(0, this.now() - clip.start);
    clip.source.start(Math.max(this.context.currentTime, clip.start - this.offset), late);
  }

  silence(clip) {
    if (!clip.source) return;
    const now = this.context.currentTime;
    clip.fader.gain.setTargetAtTime(0, now, FADE_S / 4);
    clip.source.stop(now + 2 * FADE_S);
    clip.source = null;
  }

  // ---- what is now

  // The caption that is due, once.
  due() {
    this.tidy();
    return this.captions[0]?.at <= this.heard() ? this.captions.shift() : null;
  }

  // Forget clips that were heard out, and captions that others have followed, also while nobody looks at the page.
  tidy() {
    const heard = this.heard();
    while (this.clips.length && this.clips[0].start + this.clips[0].seconds < heard - 1) this.clips.shift();
    while (this.captions[1]?.at <= heard) this.captions.shift();
  }

  // Whether something is being said.
  speaking() {
    const heard = this.heard();
    return this.clips.some((clip) => clip.start <= heard && heard < clip.start + clip.seconds);
  }

  mouth() {
    const heard = this.heard();
    const clip = this.clips.findLast((one) => one.start - 0.05 <= heard);
    return clip ? mouthAt(clip.visemes, heard - clip.start) : REST;
  }
}
