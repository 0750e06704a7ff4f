/** Finds the file of the page. This is a separate module, because Jest turns modules into CommonJS without `import.meta`. */

/** The file of the page. The folder `page` is next to `src` and `dist`, so code in either folder finds the file. */
export const file: URL = new URL("../../../page/index.html", import.meta.url)
