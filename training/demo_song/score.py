"""The song on paper: tempo, harmony, words with their sounds, and the melody."""

from dataclasses import dataclass
from itertools import pairwise

TITLE = "Guide Me Home"
BPM = 96
BEAT = 60 / BPM
BARS = 18  # one of introduction, eight of verse, eight of chorus, one to let the last chord ring
CHORUS = 9  # the bar where it begins

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SCALE = ["G", "A", "B", "C", "D", "E", "F#"]  # G major; the verse leans on its relative, E minor

# Beats of the eight syllables within a two-bar line, the first a pick-up, and where the last one ends.
# Every line is an iambic tetrameter, so that three rhythms carry them all.
VERSE_RHYTHM = (-0.5, 0, 1, 1.5, 3.5, 4, 5, 5.5, 7.2)
CHORUS_RHYTHM = (-0.5, 0, 1.5, 2, 3.5, 4, 5.5, 6, 7.3)
CALL_RHYTHM = (-0.5, 0, 0.5, 2, 2.5, 4, 5.5, 6, 7.3)


@dataclass(frozen=True)
class Line:
    """One line of the lyric: its words, its phonemes (`-` parts syllables of a word) and a note a syllable."""

    bar: int
    words: str
    phonemes: str
    notes: tuple[str, ...]
    rhythm: tuple[float, ...]

    @property
    def onsets(self) -> list[float]:
        """Seconds at which the vowels begin, and at which the last one ends (one more than there are notes)."""
        return [(4 * self.bar + beat) * BEAT for beat in self.rhythm]

    @property
    def pitches(self) -> list[int]:
        """MIDI numbers of the notes."""
        return [midi(note) for note in self.notes]


def verse(bar: int, words: str, phonemes: str, notes: str) -> Line:
    """A line of the verse."""
    return Line(bar, words, phonemes, tuple(notes.split()), VERSE_RHYTHM)


def chorus(bar: int, words: str, phonemes: str, notes: str) -> Line:
    """A line of the chorus."""
    return Line(bar, words, phonemes, tuple(notes.split()), CHORUS_RHYTHM)


def call(bar: int, words: str, phonemes: str, notes: str) -> Line:
    """The line that calls the lighthouse."""
    return Line(bar, words, phonemes, tuple(notes.split()), CALL_RHYTHM)


# Phonemes as Kokoro reads them: A I O W are the diphthongs of day, my, go and now; ˈ and ˌ mark stress.
LYRIC = (
    verse(1, "The harbor sleeps, the night is cold", "ðə hˈɑɹ-bəɹ slˈips, ðə nˈIt ɪz kˈOld",
          "E3 G3 F#3 E3 E3 G3 F#3 D3"),
    verse(3, "My little boat is worn and old", "mI lˈɪ-təl bˈOt, ˈɪz wˈɔɹn ənd ˈOld",
          "E3 G3 A3 B3 A3 B3 A3 G3"),
    verse(5, "No moon above, no star to steer", "nO mˈun ə-bˈʌv, nO stˈɑɹ tə stˈɪɹ",
          "G3 B3 A3 B3 B3 D4 B3 B3"),
    verse(7, "The lonely sea is all I hear", "ðə lˈOn-li sˈi ɪz ˈɔl ˌI hˈɪɹ",
          "A3 G3 E3 G3 G3 A3 G3 A3"),
    chorus(9, "But there's a light upon the shore", "bʌt ðˈɛɹz ə lˈIt ə-pˈɑn ðə ʃˈɔɹ",
           "B3 D4 B3 D4 E4 F#4 E4 D4"),
    chorus(11, "It finds my sail and shines once more", "ɪt fˈIndz mI sˈAl ənd ʃˈInz wˈʌns mˈɔɹ",
           "B3 E4 D4 B3 B3 E4 D4 C4"),
    call(13, "Oh lighthouse, lighthouse, guide me home", "ˈO lˈIt-hˌWs, lˈIt-hˌWs, ɡˈId mi hˈOm",
         "D4 G4 D4 G4 F#4 F#4 E4 D4"),
    chorus(15, "The morning comes, I'm not alone", "ðə mˈɔɹ-nɪŋ kˈʌmz, ˈIm nˈɑt ə-lˈOn",
           "B3 C4 D4 E4 E4 D4 A3 G3"),
)  # fmt: skip

# Chords as (beat, name): minor and wandering in the verse, home in the chorus.
CHORDS = [
    (0, "Em"), (4, "Em"), (8, "Bm"), (12, "C"), (16, "G"), (20, "Em"), (24, "Bm"), (28, "C"), (32, "D"),
    (36, "G"), (40, "D"), (44, "Em"), (48, "C"), (52, "G"), (56, "D"), (60, "C"), (64, "D"), (66, "G"), (72, None),
]  # fmt: skip
TRIADS = {
    "Em": ("E3", "G3", "B3", "E4", "G4"),
    "Bm": ("B2", "F#3", "B3", "D4", "F#4"),
    "C": ("C3", "G3", "C4", "E4", "G4"),
    "G": ("G2", "D3", "B3", "D4", "G4"),
    "D": ("D3", "A3", "D4", "F#4", "A4"),
}


def midi(note: str) -> int:
    """The MIDI number of a note such as F#4 (A4 is 69)."""
    return 12 * (int(note[-1]) + 1) + SEMITONES[note[0]] + ("#" in note)


def hertz(pitch: float) -> float:
    """The frequency of a MIDI number, equal temperament, A4 = 440 Hz."""
    return float(440 * 2 ** ((pitch - 69) / 12))


def chords() -> list[tuple[float, float, str]]:
    """Every chord as (beat, length in beats, name)."""
    return [(a, b - a, name) for (a, name), (b, _) in pairwise(CHORDS) if name]


def third_below(note: str) -> str:
    """The note two steps lower in the scale, for the second voice."""
    step, octave = SCALE.index(note[:-1]), int(note[-1])
    lower = SCALE[step - 2]
    # Octave numbers turn at C, so a step down across it lowers the number.
    return f"{lower}{octave - (SEMITONES[lower[0]] > SEMITONES[note[0]])}"
