/** What is written on a cover. */
export interface Sleeve {
  title: string;
  artist: string;
}

/** What shops ask of a cover: a square of 3000 pixels, RGB, as JPEG. */
export const STORE = 3000;
/** Pixels across the small picture in which the place of the writing is found. */
const LOOKED = 200;

interface Band {
  light: number;
  noise: number;
}

/** A cover with its title and artist set on it, as a file of a type. Raises when the picture cannot be read. */
export async function typeset(
  source: string,
  sleeve: Sleeve,
  type: "image/png" | "image/jpeg",
  side?: number,
): Promise<Blob> {
  const picture = await load(source);
  const size = side ?? picture.naturalWidth;
  const canvas = new OffscreenCanvas(size, size);
  const pen = canvas.getContext("2d", { alpha: false, willReadFrequently: true })!;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, size, size);
  await document.fonts.load(`400 100px "Newsreader Variable"`, sleeve.title + sleeve.artist);
  write(pen, picture, sleeve, size);
  return canvas.convertToBlob({ type, quality: 0.95 });
}

/** Set title and artist in the calmer of the picture's upper and lower bands, in the colour that stands out there. */
function write(
  pen: OffscreenCanvasRenderingContext2D,
  picture: HTMLImageElement,
  { title, artist }: Sleeve,
  size: number,
): void {
  if (!title && !artist) return;
  const [above, below] = look(picture);
  const top = above.noise <= below.noise;
  const ink = (top ? above : below).light > 0.5 ? "#14110d" : "#fdfaf4";
  pen.textAlign = "center";
  pen.fillStyle = ink;
  pen.shadowColor = ink === "#14110d" ? "#fdfaf466" : "#00000066";
  pen.shadowBlur = size * 0.012;
  const lines = [
    { text: title, height: 0.078, at: top ? 0.125 : 0.885 },
    { text: artist, height: 0.038, at: top ? 0.19 : 0.945 },
  ];
  for (const { text, height, at } of lines) {
    pen.font = font(height * size);
    const room = (0.88 * size) / pen.measureText(text).width;
    if (room < 1) pen.font = font(height * size * room);
    pen.fillText(text, size / 2, at * size);
  }
}

const font = (pixels: number) => `400 ${pixels}px "Newsreader Variable", Georgia, serif`;

/** Mean lightness of the upper and the lower band in [0, 1], and how much their pixels differ from it. They are looked at
 * in a small picture, so that the writing stands at the same place at every size. */
function look(picture: HTMLImageElement): [Band, Band] {
  const canvas = new OffscreenCanvas(LOOKED, LOOKED);
  const pen = canvas.getContext("2d", { alpha: false, willReadFrequently: true })!;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, LOOKED, LOOKED);
  const height = Math.round(LOOKED * 0.24);
  return [bandOf(pen, 0, height), bandOf(pen, LOOKED - height, height)];
}

function bandOf(pen: OffscreenCanvasRenderingContext2D, top: number, height: number): Band {
  const { data } = pen.getImageData(0, top, LOOKED, height);
  let [sum, squares] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const light = (0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!) / 255;
    [sum, squares] = [sum + light, squares + light * light];
  }
  const count = data.length / 4;
  const light = sum / count;
  return { light, noise: squares / count - light * light };
}

function load(source: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Error(source));
    picture.src = source;
  });
}

/** Let the browser save a file. */
export function save(content: Blob, name: string): void {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
