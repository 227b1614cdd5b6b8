/** What is written on a cover. */
export interface Sleeve {
  title: string;
  artist: string;
}

/** What shops ask of a cover: a square of 3000 pixels, RGB, as JPEG. */
export const STORE = 3000;

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
  const pen = canvas.getContext("2d", { alpha: false })!;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, size, size);
  await document.fonts.load(`400 100px "Newsreader Variable"`, sleeve.title + sleeve.artist);
  write(pen, sleeve, size);
  return canvas.convertToBlob({ type, quality: 0.95 });
}

/** Set title and artist in the calmer of the picture's upper and lower bands, in the colour that stands out there. */
function write(pen: OffscreenCanvasRenderingContext2D, { title, artist }: Sleeve, size: number): void {
  if (!title && !artist) return;
  const band = Math.round(size * 0.24);
  const [above, below] = [look(pen, 0, band, size), look(pen, size - band, band, size)];
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

/** Mean lightness of a band in [0, 1], and how much its pixels differ from it. */
function look(pen: OffscreenCanvasRenderingContext2D, top: number, height: number, size: number) {
  const { data } = pen.getImageData(0, top, size, height);
  const stride = 4 * Math.max(1, Math.floor(size / 200));
  let [sum, squares, count] = [0, 0, 0];
  for (let at = 0; at < data.length; at += stride) {
    const light = (0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!) / 255;
    [sum, squares, count] = [sum + light, squares + light * light, count + 1];
  }
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
