/** A number of bytes as people say it: the figure and its unit, for `n(value, { style: "unit", unit })`. */
export function sized(bytes: number): { value: number; unit: "kilobyte" | "megabyte" } {
  return bytes < 1e6
    ? { value: Math.max(bytes / 1e3, 0.1), unit: "kilobyte" }
    : { value: bytes / 1e6, unit: "megabyte" };
}
