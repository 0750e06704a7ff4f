// Reads the sentences of a paragraph as a reader sees them, without markup.

/** Reads a paragraph without its markup. `places` has the place of each character in the source of the paragraph. */
const readable = (paragraph) => {
  let text = ""
  const places = []
  const add = (more, offset, step) => {
    for (let index = 0; index < more.length; index += 1) places.push(offset + index * step)
    text += more
  }
  const visit = (node) => {
    const offset = node.range[0] - paragraph.range[0]
    if (node.type === "Code") add("`Code`", offset, 0)
    else if (node.type === "Break") add(" ", offset, 0)
    else if (node.children !== undefined) node.children.forEach(visit)
    else if (node.type !== "Html" && node.type !== "Image") add((node.value ?? node.raw).replace(/\s/g, " "), offset, 1)
  }
  visit(paragraph)
  return { text, places }
}

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" })

const isAbbreviation = (text) => /\b(?:e\.g|i\.e|cf|vs|etc)\.\s*$/i.test(text)

/** Splits a text into sentences, each with its place in the text. */
const split = (text) => {
  const sentences = []
  for (const { index, segment } of segmenter.segment(text)) {
    let at = index
    // The segmenter does not split before a small letter, as in "npm".
    for (const part of segment.split(/(?<=[.!?]["')]* )(?=[a-z])/)) {
      const last = sentences.at(-1)
      if (last !== undefined && isAbbreviation(last.text)) last.text += part
      else sentences.push({ index: at, text: part })
      at += part.length
    }
  }
  return sentences
}

// Each rule asks for the sentences of the same paragraph.
const known = new WeakMap()

/** Lists the sentences of a paragraph, each with the places of its characters in the source of the paragraph. */
export const sentencesOf = (paragraph) => {
  if (!known.has(paragraph)) {
    const { places, text } = readable(paragraph)
    known.set(
      paragraph,
      split(text).map((sentence) => ({ text: sentence.text, places: places.slice(sentence.index) }))
    )
  }
  return known.get(paragraph)
}
