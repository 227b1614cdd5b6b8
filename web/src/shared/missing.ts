/** Parts of the application that are loaded when they are needed, and are not there: after an upgrade of the server they
 * have other names than the page that is open knows. */

const missing = new WeakSet<object>();

window.addEventListener("vite:preloadError", (event) => missing.add(event.payload));

/** Whether an error is that a part of the application could not be loaded. */
export const isMissing = (error: unknown) => typeof error === "object" && error !== null && missing.has(error);
