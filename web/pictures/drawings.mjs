// What the pictures look like: plain HTML, 960 × 480, in colours that stand on light and on dark paper.

const place = (style, inside) =>
  `<div style="position:relative;width:960px;height:480px;overflow:hidden;font-family:Inter;${style}">${inside}</div>`;
const at = (style, inside = "") => `<div style="position:absolute;${style}">${inside}</div>`;
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export const drawings = (made, sound) => ({
  "voice-extraction": voices(sound),
  "speech-recognition": words(made["recognise.lyrics"]),
  "text-analysis": feelings(made["analyse.analysis"]),
  "music-style": genres(made["style.style"]),
  "art-direction": palettes(made["direct.brief"]),
  "art-generator": covers(made["paint.covers"]),
});

/** The voice above, the band below: what was one sound. */
function voices({ voice, band }) {
  const most = Math.max(...voice, ...band);
  const row = (levels, colour, edge) =>
    levels
      .map((level, index) => {
        const height = Math.max(4, (level / most) * 205);
        return at(
          `left:${index * 8 + 1}px;${edge}:244px;width:5px;height:${height}px;border-radius:3px;background:${colour}`,
        );
      })
      .join("");
  return place("background:#12333b", row(voice, "#f4a27c", "bottom") + row(band, "#4d8793", "top"));
}

/** The lines as they are sung, below them how long each word lasts and how sure it is. */
function words({ segments }) {
  const lines = segments.slice(0, 4).map((line, index) => {
    const clock = `0:${String(Math.floor(line.start)).padStart(2, "0")}`;
    const shade = ["#1f2a24", "#1f2a24a0", "#1f2a2470", "#1f2a2448"][index];
    return `<div style="display:flex;gap:34px;align-items:baseline;margin-bottom:20px;color:${shade}">
      <span style="width:56px;font-size:22px">${clock}</span>
      <span style="font:400 50px/1.1 Newsreader;letter-spacing:-0.01em;white-space:nowrap">${escaped(line.text)}</span></div>`;
  });
  const sung = segments.flatMap((line) => line.words);
  const [first, last] = [sung[0].start, sung.at(-1).end];
  const scale = 864 / (last - first);
  const marks = sung.map((word) =>
    at(
      `bottom:44px;left:${48 + (word.start - first) * scale}px;width:${Math.max(3, (word.end - word.start) * scale - 3)}px;
       height:26px;border-radius:4px;background:#2f6b4f;opacity:${0.25 + 0.75 * word.confidence}`,
    ),
  );
  return place("background:#dfe7d6", at("left:48px;top:56px", lines.join("")) + marks.join(""));
}

/** Each feeling a circle: the stronger, the larger. */
function feelings({ emotions }) {
  const colours = ["#8fb8c9", "#8d86c9", "#d98f6c", "#d9738f", "#e0bf6b", "#a7a5c9", "#7f95b8"];
  const centres = [
    [238, 236],
    [497, 258],
    [706, 168],
    [844, 318],
    [668, 392],
    [386, 78],
    [572, 74],
  ];
  const circles = emotions.slice(0, centres.length).map(({ label, score }, index) => {
    const radius = 40 + Math.sqrt(score) * 168;
    const [x, y] = centres[index];
    const words = score > 0.1 ? escaped(label) : "";
    return at(
      `left:${x - radius}px;top:${y - radius}px;width:${2 * radius}px;height:${2 * radius}px;border-radius:50%;
       display:grid;place-items:center;background:${colours[index]};mix-blend-mode:screen;opacity:.86;color:#1b1528;
       font:400 ${Math.round(22 + radius / 5)}px Newsreader`,
      words,
    );
  });
  return place("background:#2c2340", circles.join(""));
}

/** Genres as columns; below, what else is heard. */
function genres({ genres: found, tags }) {
  const columns = found
    .slice(0, 8)
    .map(
      ({ label, score }) =>
        `<div style="flex:1;display:grid;gap:12px;align-content:end;text-align:center">
        <div style="height:${6 + score * 480}px;border-radius:8px 8px 0 0;background:#7a3b12;
          opacity:${0.4 + score}"></div>
        <span style="font-size:21px;color:#4a2609">${escaped(label)}</span></div>`,
    )
    .join("");
  const heard = tags
    .slice(0, 5)
    .map(({ label }) => label.replaceAll("_", " "))
    .join(", ");
  return place(
    "background:#e5b35a",
    at("left:48px;right:48px;bottom:40px;height:400px;display:flex;gap:14px;align-items:end", columns) +
      at(
        "right:48px;top:48px;width:470px;text-align:right;font:400 46px/1.14 Newsreader;color:#4a2609",
        escaped(heard),
      ),
  );
}

/** Each idea a row: its colours, and what it shows. */
function palettes({ ideas }) {
  const rows = ideas
    .map(({ palette, subject, medium }) => {
      const bands = palette.map((colour, index) => `<i style="flex:${5 - index};background:${colour}"></i>`).join("");
      return `<div style="position:relative;display:flex;height:160px">${bands}
        <span style="position:absolute;left:48px;top:50%;translate:0 -50%;color:#fff;font:400 52px Newsreader">${escaped(
          subject,
        )}<span style="margin-left:20px;font:400 23px Inter;opacity:.75">${escaped(medium)}</span></span></div>`;
    })
    .join("");
  return place("", rows);
}

const covers = (pictures) =>
  place(
    "display:flex",
    pictures.map((each) => `<img src="${each}" style="width:320px;height:480px;object-fit:cover">`).join(""),
  );
