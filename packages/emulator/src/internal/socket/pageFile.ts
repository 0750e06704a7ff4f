/** The file of the page. It has a module of its own, because CommonJS, to which Jest turns modules, has no `import.meta`. */

/** Beside `src` and `dist`, so that it is found from either. */
export const file: URL = new URL("../../../page/index.html", import.meta.url)
