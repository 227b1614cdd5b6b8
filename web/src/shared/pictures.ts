/** Pictures at the size at which they are shown, instead of whole ones that are made small on the page. */

/** The widths that the server makes. */
const WIDTHS = [160, 320, 640, 1280] as const;

/** The small picture of a file that the server keeps, by the file's address. */
export const thumbnail = (url: string, width: (typeof WIDTHS)[number]) =>
  `${url.split("?")[0]}/thumbnail?width=${width}`;

/** What an `img` of a file of the server takes: it loads the width that its place and screen need. */
export const scaled = (url: string) => ({
  src: thumbnail(url, 640),
  srcset: WIDTHS.map((width) => `${thumbnail(url, width)} ${width}w`).join(", "),
});

/** Whether the server makes small ones of a file: it does of pictures that are made of pixels. */
export const scalable = (file: { url: string; media_type: string }) =>
  /^\/(artifacts|shared)\//.test(file.url) && /^image\/(png|jpeg|webp|gif|bmp|tiff)/.test(file.media_type);
