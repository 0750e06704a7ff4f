// The rules, which are those of CONTRIBUTING.md. Each takes a sentence and yields what to say about it.

/**
 * @typedef {{ text: string, kind: "doc" | "docstring" | "comment" | "test", inList: boolean }} Sentence
 * `text` is without markup. A code span reads `Code`, in backticks.
 * @typedef {{ at: number, message: string }} Finding
 */

const words = (text) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length

/** Finds each match of patterns, and says the same of each. */
const matching = (rules) => (text) =>
  rules.flatMap(([pattern, advice]) =>
    [...text.matchAll(pattern)].map((match) => ({ at: match.index, message: `"${match[0].trim()}": ${advice}` }))
  )

const determiner =
  "(?:a|an|the|it|its|they|their|there|he|she|we|you|no|not|each|every|any|some|one|two|both|all|none|nothing|nobody|only|such|what|who|`Code`)"

const openings = [
  [/^what\b/i, "open with the thing itself, or with a verb"],
  [/^who(?:ever|se|m)?\b/i, "name the actor"],
  [/^whether\b/i, 'say it with a verb, as in "Returns true if"'],
  [/^where\b/i, 'use "if" or "when" for a condition, and name a place'],
  [/^how\b(?! to\b)/i, "open with the number, the time or the verb"],
  [/^which\b/i, "name the thing"],
  [/^why\b/i, "open with the reason"],
  [/^of\b(?! course\b)/i, "open with the subject"],
  [new RegExp(`^that ${determiner}(?=\\s)`, "i"), "open with the subject, not with a that-clause"]
]

const opening = ({ inList, kind, text }) => {
  const start = /^[\s"'“(*_–—-]*/.exec(text)[0].length
  const rest = text.slice(start)
  // An item that goes on with the sentence before its list may begin with a clause.
  const continues = inList && kind === "doc" && /^(?:whether|that|how|where) /.test(rest)
  // A short line before a list or a table is its heading.
  const isHeading = words(rest) < 6 && rest.trimEnd().endsWith(":")
  if (rest.includes("?") || continues || isHeading || words(rest) < 2) return []
  for (const [pattern, advice] of openings) {
    const match = pattern.exec(rest)
    if (match !== null) return [{ at: start, message: `opens with "${match[0]}": ${advice}` }]
  }
  return []
}

const limits = { doc: 30, docstring: 28, comment: 28 }

const length = ({ kind, text }) => {
  const count = words(text)
  return count > limits[kind] ? [{ at: 0, message: `${count} words: split it; the limit is ${limits[kind]}` }] : []
}

// The items of a series, as in "a, b and c", are not clauses.
const series = /(?:[^\s,;:]+ ){0,4}[^\s,;:]+(?:, (?:[^\s,;:]+ ){0,5}[^\s,;:]+)+,? (?:and|or) /g

const commas = ({ kind, text }) => {
  if (words(text) > limits[kind]) return []
  const clauses = text
    .replace(series, "")
    .split(/[,;](?=\s)/)
    .slice(1)
  const long = clauses.filter((clause) => words(clause) > 3).length
  return long > 2 ? [{ at: 0, message: `${long} clauses after commas: split it, one idea per sentence` }] : []
}

const vague = ({ text }) =>
  matching([
    [/\bsuch\b(?! as\b)/gi, "name the thing"],
    [/\bthose (?:that|which|who)\b/gi, "name the things"],
    [/\bthat which\b/gi, "name the thing"],
    [/\bof theirs\b/gi, "name the owner"],
    [/\b(?:is|are|was|were) (?:not )?to be\b/gi, 'write "must be", "will be" or an active verb'],
    [/(?<=\b(?:so that|that|if|for|by|to|and|of|than|as|from|but) |; )who(?:ever)?\b/gi, "name the actor"],
    [/(?<=; |, and )what (?!to\b)/gi, "name the thing"],
    [/(?<=; |, and |, also |, even |, only |, but )where\b/gi, 'write "if" or "when"'],
    [/\bwhere (?:there (?:is|are)|that is|it is not|nothing|nobody|none|no)\b/gi, 'write "if" or "when"']
  ])(text)

const plain = ({ text }) =>
  matching([
    [/\battempt(?:s|ed|ing)? again\b/gi, "write retry"],
    [/\b(?:try|tries|tried) (?:it |them )?again\b/gi, "write retry"],
    [/\bunder way\b/gi, "write in flight, or running"],
    ...(/\b(?:question|ask|asks|prompt|person|user|confirm|type[sd]?)\b/i.test(text)
      ? []
      : [
          [
            /\b(?:an|the|its|no|each|every|this|that|whose|late|of|server's|one's) (?:answer\b|(?<!that )answers\b)/gi,
            "write response"
          ]
        ]),
    [/\bin order to\b/gi, "write to"],
    [/\bso as to\b/gi, "write to"],
    [/\bprior to\b/gi, "write before"],
    [/\bdue to the fact that\b/gi, "write because"],
    [/\butili[sz]\w+/gi, "write use"],
    [/\bmakes? use of\b/gi, "write use"],
    [/\b(?:is|are) able to\b/gi, "write can"],
    [/\bin silence\b/gi, "write silently"],
    [/\bin vain\b/gi, "say what fails"],
    [/\bamiss\b/gi, "write wrong"],
    [
      /\b(?:lest|whilst|hitherto|thereof|therein|thereby|whereof|whereupon|wherein|whereby|hereby|hence|thus)\b/gi,
      "use the everyday word"
    ],
    [/\bbut for\b/gi, "write except for"],
    [/\bnothing but\b/gi, "write only"],
    [/\bbe it\b/gi, "write whether"],
    [/\b(?:at|in) one go\b/gi, "write together"],
    [/\bshall\b/gi, "write must or will"]
  ])(text)

const passive = ({ text }) =>
  matching([
    [
      /^(?!.*\b(?:that|which|who) (?:is|are|was|were) )(?:\S+ ){1,5}(?:is|are|was|were|has been|have been) (?:\w+ly )?(?:\w+ed|\w+en|made|sent|kept|held|told|said|read|built|found|left|lost|paid|set|cut|put|thrown|shown|known) by (?!hand|itself|themselves|name|id|its|their|default|(?:a|de)scending|all|U\+)/gi,
      "let the actor open the sentence"
    ]
  ])(text)

/** The rules by name. Of a test name only its opening is checked. */
export const rules = { opening, length, commas, vague, plain, passive }

/**
 * @param {Sentence} sentence
 * @returns {Array<Finding>}
 */
export const check = (name, sentence) => (sentence.kind === "test" && name !== "opening" ? [] : rules[name](sentence))
