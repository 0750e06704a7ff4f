// Checks every internal link of the built documentation: links to pages, to places on pages, and to files.
//
//   node scripts/links.mjs [folder]
//
// Does not check links to other sites, because a change in this repository cannot repair them.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"

const site = resolve(process.argv[2] ?? join(import.meta.dirname, "../dist/docs"))

const pages = readdirSync(site, { recursive: true })
  .filter((name) => name.endsWith(".html"))
  .map((name) => join(site, name))

const decode = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'")

const attributes = (html, names) =>
  [...html.matchAll(new RegExp(`<[^>]*?\\s(?:${names})="([^"]*)"`, "g"))].map(([, value]) => decode(value))

const htmls = new Map(pages.map((page) => [page, readFileSync(page, "utf8").replace(/<script\b.*?<\/script>/gs, "")]))
const places = new Map([...htmls].map(([page, html]) => [page, new Set(attributes(html, "id|name"))]))

let [inside, outside, dead] = [0, 0, 0]

for (const [page, html] of htmls) {
  for (const link of new Set(attributes(html, "href|src"))) {
    if (/^(https?|mailto|data):/.test(link)) {
      outside += 1
      continue
    }
    inside += 1
    const [path, place = ""] = link.split("#")
    const target = path === "" ? page : resolve(dirname(page), decodeURIComponent(path.replace(/\?.*$/, "")))
    const file = path.endsWith("/") ? join(target, "index.html") : target
    const problem = !file.startsWith(site)
      ? "points to a file outside of the documentation. Use a full URL"
      : file.endsWith(".md")
        ? "points to a guide that is not in typedoc.json. Add the guide there"
        : !existsSync(file) || !statSync(file).isFile()
          ? "points to a missing file. Correct the path"
          : place !== "" && places.has(file) && !places.get(file).has(decodeURIComponent(place))
            ? "points to a place that is not on the page. Correct the part after #"
            : undefined
    if (problem !== undefined) {
      dead += 1
      console.error(`${relative(site, page)}: the link ${link} ${problem}`)
    }
  }
}

console.log(
  `${pages.length} pages, ${inside} internal links, ${dead} dead; did not check ${outside} links to other sites`
)
if (dead > 0 || inside === 0) process.exitCode = 1
