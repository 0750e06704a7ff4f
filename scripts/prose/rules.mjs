// The rules of the prose linter. Each rule takes a sentence and returns findings. CONTRIBUTING.md has examples of
// plainer sentences.

/**
 * @typedef {{ text: string, kind: "doc" | "docstring" | "comment" | "test" | "message", inList: boolean }} Sentence
 * `text` has no markup. Each code span is replaced with the word `Code` in backticks.
 * @typedef {{ at: number, message: string }} Finding
 */

const words = (text) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length

/** Makes a rule from patterns. Each pattern comes with advice, which the finding shows. */
const matching =
  (rules) =>
  ({ text }) =>
    rules.flatMap(([pattern, advice]) =>
      [...text.matchAll(pattern)].map((match) => ({ at: match.index, message: `"${match[0].trim()}": ${advice}` }))
    )

const determiner =
  "(?:a|an|the|it|its|they|their|there|he|she|we|you|no|not|each|every|any|some|one|two|both|all|none|nothing|nobody|only|such|what|who|`Code`)"

const openings = [
  [/^what\b/i, "open with the thing itself, or with a verb"],
  [/^who(?:ever|se|m)?\b/i, "name the actor"],
  [/^whether\b/i, 'say it with a verb, as in "Returns true if"'],
  [/^where\b/i, 'for a condition, write "if" or "when"; for a place, name the place'],
  [/^how\b(?! to\b)/i, "open with the number, the time or the verb"],
  [/^which\b/i, "name the thing"],
  [/^why\b/i, "open with the reason"],
  [/^of\b(?! course\b)/i, "open with the subject"],
  [new RegExp(`^that ${determiner}(?=\\s)`, "i"), "open with the subject, not with a that-clause"]
]

const opening = ({ inList, kind, text }) => {
  const start = /^[\s"'“(*_–—-]*/.exec(text)[0].length
  const rest = text.slice(start)
  // Accept a clause at the start of a list item, because the item can continue the sentence before its list.
  const continues = inList && kind === "doc" && /^(?:whether|that|how|where) /.test(rest)
  // Accept a short line that ends in a colon, because it is the heading of a list or a table.
  const isHeading = words(rest) < 6 && rest.trimEnd().endsWith(":")
  if (rest.includes("?") || continues || isHeading || words(rest) < 2) return []
  for (const [pattern, advice] of openings) {
    const match = pattern.exec(rest)
    if (match !== null) return [{ at: start, message: `opens with "${match[0]}": ${advice}` }]
  }
  return []
}

const limit = 28

const length = ({ text }) => {
  const count = words(text)
  return count > limit ? [{ at: 0, message: `${count} words: split the sentence; the limit is ${limit}` }] : []
}

// Matches a series, as in "a, b and c". Its items are not clauses.
const series = /(?:[^\s,;:]+ ){0,4}[^\s,;:]+(?:, (?:[^\s,;:]+ ){0,5}[^\s,;:]+)+,? (?:and|or) /g

// Reports a long sentence with exactly one semicolon, or with many clauses. Accepts two or more semicolons, because
// they separate list items.
const clauses = ({ text }) => {
  const count = words(text)
  if (count > limit || count <= 20) return []
  if (text.match(/;\s/g)?.length === 1) return [{ at: text.search(/;\s/), message: "write two sentences" }]
  const parts = text
    .replace(series, "")
    .split(/[,;](?=\s)/)
    .slice(1)
  const long = parts.filter((part) => words(part) > 3).length
  return long > 2 ? [{ at: 0, message: `${long} clauses after commas: split the sentence` }] : []
}

const vague = matching([
  [/(?<!\b(?:no|as) )\bsuch\b(?!\s+as\b)/gi, "name the thing"],
  [/\b(?:those|one) (?:that|which)\b(?<!one that)/gi, "name the thing"],
  [/\bthat which\b/gi, "name the thing"],
  [/\bof theirs\b/gi, "name the owner"],
  [/(?<=\b(?:so that|that|if|for|by|to|and|of|than|as|from|but) |; )who\b/gi, "name the actor"],
  [/(?<=; )what (?!to\b)/gi, "name the thing"],
  [/\bso many\b(?! that\b)/gi, 'write "the given number of"'],
  [/\bso (?:long|much) (?=before|longer|more|at\b)/gi, "give the time or the amount"]
])

const condition = matching([
  [/(?<=; )where\b/g, 'write "if" or "when"'],
  [/\b(?:also|even|only|but) where\b/g, 'write "even if" or "only if"'],
  [
    /(?<!; |\b(?:also|even|only|but) )\bwhere (?:there (?:is|are)|that is|it is not|nothing|nobody|none|no|something|somebody)\b/g,
    'write "if" or "when"'
  ],
  [/\balso (?:if|when|after)\b/gi, 'write "even" for "also"']
])

const everyday = [
  [/\battempt(?:s|ed|ing)? again\b/gi, 'write "retry"'],
  [/\b(?:try|tries|tried) (?:it |them )?again\b(?! later)/gi, 'write "retry"'],
  [/\bunder way\b/gi, 'write "in flight" or "running"'],
  [/\bin order to\b/gi, 'write "to"'],
  [/\bso as to\b/gi, 'write "to"'],
  [/\bprior to\b/gi, 'write "before"'],
  [/\bdue to the fact that\b/gi, 'write "because"'],
  [/\butili[sz]\w+/gi, 'write "use"'],
  [/\bmakes? use of\b/gi, 'write "use"'],
  [/\b(?:is|are) able to\b/gi, 'write "can"'],
  [/\bin silence\b|\bwithout a word\b(?! of\b)/gi, 'write "silently"'],
  [/\bin vain\b/gi, "say what fails"],
  [/\bamiss\b/gi, 'write "wrong"'],
  [
    /\b(?:lest|whilst|hitherto|thereof|therein|thereby|whereof|whereupon|wherein|whereby|hereby|hence|thus)\b/gi,
    "use the everyday word"
  ],
  [/\bseldom\b/gi, 'write "rarely"'],
  [/\bheed(?:s|ed)?\b/gi, 'write "follow" or "obey"'],
  [/\bforfeit(?:s|ed)?\b/gi, 'write "skip" or "lose"'],
  [/\bbeneath\b/gi, 'write "below"'],
  [/\bbut for\b/gi, 'write "except for"'],
  [/\bnothing but\b/gi, 'write "only"'],
  [/\bbe it\b/gi, 'write "whether"'],
  [/\b(?:at|in) one go\b/gi, 'write "together" or "in one step"'],
  [/\bshall\b/gi, 'write "must" or "will"'],
  [/\bsome (?=\d)/gi, 'write "about"'],
  [/\b(?:is|are|was|were) (?:not )?to be\b/gi, 'write "must be", "will be" or an active verb'],
  [
    /(?<!\bthere )\b(?:is|are|was|were) no (?!longer|more|less|fewer|one|slower|faster|better|larger|later|such)\b/gi,
    'write "is not a"'
  ],
  [/\bdie[sd]? of\b/gi, 'write "fails with"'],
  [
    /\b(?:takes?|took|taken) (?:it |this |them |(?:an?|the) (?:\w+ ){1,2})?for (?:an?|the|dead)\b/gi,
    'write "treat as"'
  ],
  [
    /\b(?:tell(?:s|ing)?|told) (?:whether|if|how|what|which|when|why|apart)\b/gi,
    'write "returns", "reports" or "distinguishes"'
  ],
  [/\bin place of\b/gi, 'write "instead of"'],
  [/\bin spite of\b/gi, 'write "although"'],
  [/\ban? (?:integer|number|time) from (?:\d+|zero|one)\b(?! to)/gi, 'write "an integer of 1 or more"'],
  [/(?<!\bneither\b[^.]*)\bnor\b/gi, "write two sentences"],
  [/\b(?:all|everything|any|none) but\b/gi, 'write "all except"'],
  [/\bg(?:o|oes|oing) on\b/gi, 'write "continue"'],
  [/\banew\b/gi, 'write "again", or say for what'],
  [/\bwins? over\b/gi, 'write "overrides"'],
  [/(?<!\b(?:calls|requests|runs|\d) )\bat once\b/gi, 'write "immediately" or "at the same time"'],
  [/\bbeside\b/gi, 'write "next to", "with" or "compared with"'],
  [
    /\bof (?:its|their|your|our) own(?=[.,;:)]|$| (?:and|as|at|can|for|in|needs?|on|or|so|such|that|to|use|with)\b)/gi,
    'write "its own", before the noun'
  ],
  [/\b(?:so|as) far as\b/gi, 'write "if" or "as much as"'],
  [/\b(?:lies|lie) (?:in|beside|at|next)\b/gi, 'write "is in" or "is next to"']
]

// Matches the word "answer" for a server's response. A sentence that matches `isAsked` is about a question, so the rule
// accepts the word "answer" in it.
const answers = [
  [
    /\b(?:an|the|its|no|each|every|this|that|whose|late|of|server's) (?:answer\b|(?<!that )answers\b)/gi,
    'write "response"'
  ]
]
const isAsked = /\b(?:question|ask|asks|asked|prompt|person|user|confirm|type|types|typed|days)\b/i

const word = ({ text }) => matching(isAsked.test(text) ? everyday : [...everyday, ...answers])({ text })

/** All rules by name. */
export const rules = { opening, length, clauses, vague, condition, word }

// Skip these rules for test names and messages: they are often parts of sentences. A message can also begin with a
// value.
const skipped = { test: ["length", "clauses"], message: ["opening", "length", "clauses"] }

/** Runs a rule on a sentence. Returns the findings, each with its position in the sentence. */
export const check = (name, sentence) => (skipped[sentence.kind]?.includes(name) ? [] : rules[name](sentence))
