// Follows every link within the built documentation: to pages, to places on them, to files.
//
//   node scripts/links.mjs [folder]
//
// Links to other sites are not followed, since whether they answer is not this repository's doing.
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
      ? "leads out of the site"
      : file.endsWith(".md")
        ? "leads to a guide that typedoc.json does not list"
        : !existsSync(file) || !statSync(file).isFile()
          ? "leads to no file"
          : place !== "" && places.has(file) && !places.get(file).has(decodeURIComponent(place))
            ? "leads to no place on its page"
            : undefined
    if (problem !== undefined) {
      dead += 1
      console.error(`${relative(site, page)}: ${link} ${problem}`)
    }
  }
}

console.log(`${pages.length} pages, ${inside} links inside, ${dead} dead; ${outside} to other sites, not followed`)
if (dead > 0 || inside === 0) process.exitCode = 1
