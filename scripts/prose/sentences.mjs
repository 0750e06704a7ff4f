// Splits a paragraph of Markdown into sentences without markup.

/** Returns the text of a paragraph without markup. `places` has the position of each character in the paragraph's source. */
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

/** Splits text into sentences. Each sentence has its position in the text. */
const split = (text) => {
  const sentences = []
  for (const { index, segment } of segmenter.segment(text)) {
    let at = index
    // Split before a lower-case letter, as in "npm", because the segmenter does not split there.
    for (const part of segment.split(/(?<=[.!?]["')]* )(?=[a-z])/)) {
      const last = sentences.at(-1)
      if (last !== undefined && isAbbreviation(last.text)) last.text += part
      else sentences.push({ index: at, text: part })
      at += part.length
    }
  }
  return sentences
}

// Caches the sentences of each paragraph, because every rule reads them.
const known = new WeakMap()

/** Returns the sentences of a paragraph. Each sentence has the positions of its characters in the paragraph's source. */
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
