"""Compose, sing and mix the demo song: `python training/demo_song/compose.py [--out DIR]`."""

import argparse
from pathlib import Path

import instruments as play
import numpy as np
from instruments import RATE, Floats
from mix import Track, double_rate, duck, level, master, present, reverb, soften, write_opus
from score import BARS, BEAT, CHORUS, LYRIC, TRIADS, chords, hertz, midi, third_below
from voice import Singer

SECONDS = BARS * 4 * BEAT + 1.5
FIRST_CHORUS_BEAT = 4 * CHORUS
LAST_BEAT = 68  # Here the band stops and the last chord rings.


def main() -> None:
    """Write song.opus and lyrics.txt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "src/halles_services/demo")
    parser.add_argument("--kbps", type=int, default=110)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_opus(arguments.out / "song.opus", mix(*voices()), arguments.kbps)
    (arguments.out / "lyrics.txt").write_text("\n".join(line.words for line in LYRIC) + "\n")


def voices() -> tuple[Floats, Floats]:
    """The lead and the second voice (mono, at RATE): the second joins in the chorus, a third below."""
    singer = Singer()
    lead, second = np.zeros(round(SECONDS * RATE)), np.zeros(round(SECONDS * RATE))
    for seed, line in enumerate(LYRIC):
        put(lead, *singer.sing(line.phonemes, line.pitches, line.onsets, "af_heart", seed))
        if line.bar >= CHORUS:
            pitches = [midi(third_below(note)) for note in line.notes]
            put(second, *singer.sing(line.phonemes, pitches, line.onsets, "af_bella", seed + 100))
    return lead, second


def put(track: Floats, voice: Floats, at: float) -> None:
    """Add a sung line to a mono track; the singer works at half the rate."""
    start, line = round(at * RATE), double_rate(voice)
    track[start : start + len(line)] += line


def mix(lead: Floats, second: Floats) -> Floats:
    """The whole song, stereo, shape (2, samples)."""
    lead = soften(level(present(lead)), 0.03) * growth(0.75, 1.1)
    second = soften(level(present(second)), 0.015)
    singing = Track(SECONDS)
    singing.add(lead, 0, 1.0)
    singing.add(second, -0.012, 0.27, pan=-0.55)
    singing.add(second, 0.017, 0.27, pan=0.55)
    hall = reverb(singing.samples, 2.2, seed=1, pre=0.035)
    strings, rhythm = accompaniment(), drums()
    warm = strings.samples + 0.22 * reverb(strings.samples, 2.8, seed=2)
    beat = rhythm.samples + 0.12 * reverb(rhythm.samples, 1.1, seed=3, pre=0.008)
    band = duck(0.55 * warm + 0.75 * beat, lead, 0.3)
    return master(1.3 * singing.samples + 0.2 * hall + band)


def growth(verse: float, chorus: float) -> Floats:
    """A gain for every sample that rises from the verse's to the chorus's within the bar before it."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    return np.interp(time, [(FIRST_CHORUS_BEAT - 4) * BEAT, FIRST_CHORUS_BEAT * BEAT], [verse, chorus])


def accompaniment() -> Track:
    """Guitar throughout, a pad that opens, bass from the second half of the verse, piano and bells in the chorus."""
    track = Track(SECONDS)
    for side, pan in ((1, -0.7), (2, 0.7)):
        track.add(play.sea(11, side), 0, 0.16, pan)
        track.add(play.sea(7, side + 2), SECONDS - 7.2, 0.14, pan)
    for start, beats, chord in chords():
        notes = [hertz(midi(note)) for note in TRIADS[chord]]
        if start < LAST_BEAT:
            arpeggio(track, notes, start, min(beats, LAST_BEAT - start))
        swell(track, notes, start, beats)
        low(track, notes[0], start, beats)
        if start >= FIRST_CHORUS_BEAT:
            stabs(track, notes, start, beats)
    lights(track)
    strum(track, [hertz(midi(note)) for note in ("G2", "D3", "B3", "D4", "A4", "G4")])
    return track


def arpeggio(track: Track, notes: list[float], start: float, beats: float) -> None:
    """Eighth notes over the chord, with an accent where it begins."""
    for step in range(int(2 * beats)):
        index = (0, 2, 3, 2, 4, 3, 2, 3)[step % 8]
        force = 0.9 if step % 8 == 0 else 0.6 + 0.08 * (step % 2 == 0)
        at = (start + step / 2) * BEAT + 0.004 * np.sin(7.0 * (start + step))  # A hand is not a clock.
        track.add(play.guitar(notes[index], 1.9, force), at, 0.3, pan=0.3 * np.sin(step))


def swell(track: Track, notes: list[float], start: float, beats: float) -> None:
    """The pad: dark and far in the verse, wide and open in the chorus."""
    chorus = start >= FIRST_CHORUS_BEAT
    for n, hz in enumerate(notes[1:]):
        for detune, pan in ((-4, -0.8), (4, 0.8)):
            sound = play.pad(hz, beats * BEAT + 0.8, detune + n, brightness=9 if chorus else 4)
            track.add(sound, start * BEAT - 0.2, 0.08 if chorus else 0.07, pan)


def low(track: Track, root: float, start: float, beats: float) -> None:
    """The bass: absent at first, long notes, then a walking pulse in the chorus."""
    hz = root / 2 if root > hertz(midi("E3")) - 1 else root
    hz = hz / 2 if hz > hertz(midi("E2")) * 1.5 else hz
    if start < 20:
        return
    if start < FIRST_CHORUS_BEAT or start >= LAST_BEAT:
        track.add(play.bass(hz, beats * BEAT), start * BEAT, 0.32)
        return
    for step, length in ((0, 1.5), (1.5, 0.5), (2, 1.5), (3.5, 0.5)):
        if step < beats and start + step < LAST_BEAT:
            track.add(play.bass(hz, length * BEAT * 0.95), (start + step) * BEAT, 0.4)


def stabs(track: Track, notes: list[float], start: float, beats: float) -> None:
    """Electric piano chords on the beat and on the push before the middle of the bar."""
    for step in (0, 1.5, 2.5):
        if step < beats and start + step < LAST_BEAT:
            for n, hz in enumerate(notes[2:]):
                track.add(play.piano(hz, 1.6, 0.6), (start + step) * BEAT, 0.13, pan=0.25 * (n - 1))


def lights(track: Track) -> None:
    """The lighthouse: two high bells that turn round once a bar, from left to right, once hope is in sight."""
    for bar in range(CHORUS - 1, BARS):
        for step, note in enumerate(("D5", "B5", "G5")):
            pan = (step - 1) * 0.8
            gain = 0.05 if bar >= CHORUS else 0.025
            track.add(play.bell(hertz(midi(note)), 1.8), (4 * bar + 1 + step * 0.5) * BEAT, gain, pan)


def strum(track: Track, notes: list[float]) -> None:
    """The last chord, rolled."""
    for n, hz in enumerate(notes):
        track.add(play.guitar(hz, 4.5, 0.75), LAST_BEAT * BEAT + 0.045 * n, 0.4, pan=0.15 * (n - 2))
        track.add(play.piano(hz, 4.5, 0.5), LAST_BEAT * BEAT + 0.045 * n, 0.09, pan=-0.15 * (n - 2))


def drums() -> Track:
    """None, then a rim and a soft kick, then the whole kit; the chorus is announced by a swell."""
    track = Track(SECONDS)
    for bar in range(5, 17):
        at = 4 * bar
        chorus = bar >= CHORUS
        for step in (0, 2.5) if chorus else (0,):
            track.add(play.kick(), (at + step) * BEAT, 0.5 if chorus else 0.36)
        for step in (1, 3):
            track.add(play.snare() if chorus else play.rim(), (at + step) * BEAT, 0.42 if chorus else 0.2, pan=0.05)
        for step in range(8):
            seconds = 0.22 if chorus and step == 7 else 0.06
            track.add(play.hat(seconds, 10 + step), (at + step / 2) * BEAT, (0.15, 0.08)[step % 2], pan=0.35)
    swell = 2 * BEAT
    for side, pan in ((30, -0.6), (31, 0.6)):
        track.add(play.cymbal(swell, side, swell=True), FIRST_CHORUS_BEAT * BEAT - swell, 0.16, pan)
        track.add(play.cymbal(2.8, side + 2), FIRST_CHORUS_BEAT * BEAT, 0.2, pan)
        track.add(play.cymbal(3.5, side + 4), LAST_BEAT * BEAT, 0.14, pan)
    track.add(play.kick(), LAST_BEAT * BEAT, 0.6)
    for step in (2, 2.5, 3, 3.25, 3.5, 3.75):
        track.add(play.snare(), (FIRST_CHORUS_BEAT - 4 + step) * BEAT, 0.05 + 0.045 * (step - 1), pan=0.1)
    return track


if __name__ == "__main__":
    main()
