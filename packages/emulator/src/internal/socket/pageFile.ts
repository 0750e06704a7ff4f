/** Finds the file of the page. A separate module, because Jest turns modules into CommonJS, which has no `import.meta`. */

/** The file of the page. Its folder lies beside `src` and `dist`, so both find it. */
export const file: URL = new URL("../../../page/index.html", import.meta.url)
