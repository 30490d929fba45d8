//! The vocabulary of the lines in memory: each word once, with the lines that hold it. A word
//! leaves with its last line.

use std::hint::black_box;

use slab::Slab;
use smallvec::SmallVec;

use super::{posting::Posting, table::Table};
use crate::dedup::read::{
    roles::Roles,
    spelling::{Seed, Sought, Spelling},
    words::WORDS,
};

/// A word of the vocabulary: all that most questions need in one line of the processor's cache.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Lexeme {
    text: Spelling,
    /// The word it stands for, itself for most.
    pub(crate) concept: u32,
    /// Its roles.
    pub(crate) roles: Roles,
    /// Lines in memory that hold it, and words that stand for it.
    refs: u32,
    /// Times it stands uncapitalised in the lines in memory.
    lower: u32,
    /// Lines that hold it, as a concept.
    lines: u32,
    /// Its group of like-meaning words, 0 for none.
    pub(crate) group: u16,
    posting: Posting,
}

impl Lexeme {
    /// Whether a line in memory has it uncapitalised.
    pub(crate) fn seen_lower(&self) -> bool {
        self.lower > 0
    }

    /// How many lines hold it.
    pub(crate) fn lines(&self) -> u32 {
        self.lines
    }

    /// The lines that hold it.
    pub(crate) fn posting(&self) -> &Posting {
        &self.posting
    }
}

/// Numbers of the words of one line, of those that have one.
pub(crate) type Numbers = SmallVec<[Option<u32>; 32]>;

/// All words of the lines in memory.
#[derive(Debug)]
pub(crate) struct Lexicon {
    lexemes: Lexemes,
    free: Vec<u32>,
    table: Table,
    /// Changes whenever a word comes or goes.
    version: u64,
}

/// Words by their number.
#[derive(Debug)]
struct Lexemes {
    /// In pieces, so that a growing vocabulary is never copied.
    pieces: Vec<Vec<Lexeme>>,
    long: Slab<Box<str>>,
    seed: Seed,
}

const PIECE: usize = 1 << 12;

impl Lexicon {
    pub(crate) fn new(seed: Seed) -> Self {
        Lexicon {
            lexemes: Lexemes { pieces: vec![Vec::new()], long: Slab::new(), seed },
            free: Vec::new(),
            table: Table::new(),
            version: 1,
        }
    }

    /// The word with this number.
    #[inline]
    pub(crate) fn get(&self, id: u32) -> &Lexeme {
        self.lexemes.get(id)
    }

    fn get_mut(&mut self, id: u32) -> &mut Lexeme {
        &mut self.lexemes.pieces[id as usize / PIECE][id as usize % PIECE]
    }

    /// How a word is spelled.
    pub(crate) fn text<'a>(&'a self, lexeme: &'a Lexeme) -> &'a str {
        self.lexemes.text(lexeme)
    }

    /// As long as this stays the same, a word has the number it was found under; never 0.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Whether word `id` is spelled like this.
    #[inline]
    pub(crate) fn spells(&self, id: u32, word: &str) -> bool {
        let lexeme = self.get(id);
        match Spelling::short(word) {
            Some(short) => lexeme.text == short,
            None => lexeme.text.place().is_some_and(|_| self.text(lexeme) == word),
        }
    }

    /// What words are hashed with here.
    pub(crate) fn seed(&self) -> &Seed {
        &self.lexemes.seed
    }

    fn seek(&self, word: &str) -> Sought {
        self.lexemes.seed.seek(word)
    }

    /// The number of a word, where a line in memory holds it.
    pub(crate) fn find(&self, word: &str) -> Option<u32> {
        self.find_sought(word, self.seek(word))
    }

    #[inline]
    fn find_sought(&self, word: &str, sought: Sought) -> Option<u32> {
        match sought.short {
            Some(short) => self.table.find(sought.hash, |&id| self.get(id).text == short),
            None => self.table.find(sought.hash, |&id| self.spells(id, word)),
        }
    }

    /// The numbers of the words of a line, of each that a line in memory holds.
    ///
    /// First what is likely to be each word's number, then whether it is: so the memory is asked
    /// for all words at once, where one word after the other would be waited for.
    pub(crate) fn find_all<'a>(
        &self,
        words: impl Iterator<Item = (&'a str, Sought)> + Clone,
        found: &mut Numbers,
    ) {
        found.clear();
        found.extend(words.clone().map(|(_, sought)| self.table.likely(sought.hash)));
        for ((word, sought), found) in words.zip(found) {
            let Some(id) = *found else { continue };
            if sought.short.is_none_or(|short| self.get(id).text != short) {
                *found = self.find_sought(word, sought);
            }
        }
    }

    /// The number of a word, which is added where it is new. It stays only if it is held.
    pub(crate) fn add(&mut self, word: &str, sought: Sought) -> u32 {
        if let Some(id) = self.find_sought(word, sought) {
            return id;
        }
        let knowledge = WORDS.know(word);
        let id = self.place(word, sought.hash, knowledge.roles, knowledge.group);
        if knowledge.concept != word {
            let sought = self.seek(&knowledge.concept);
            let concept = match self.find_sought(&knowledge.concept, sought) {
                Some(id) => id,
                None => {
                    let own = WORDS.know(&knowledge.concept);
                    self.place(&knowledge.concept, sought.hash, own.roles, own.group)
                }
            };
            self.get_mut(concept).refs += 1;
            self.get_mut(id).concept = concept;
        }
        id
    }

    fn place(&mut self, word: &str, hash: u64, roles: Roles, group: u16) -> u32 {
        let text = Spelling::short(word)
            .unwrap_or_else(|| Spelling::long(self.lexemes.long.insert(word.into()) as u32));
        let lexeme = |id| Lexeme {
            text,
            concept: id,
            roles,
            group,
            refs: 0,
            lower: 0,
            lines: 0,
            posting: Posting::new(),
        };
        let id = match self.free.pop() {
            Some(id) => {
                *self.get_mut(id) = lexeme(id);
                id
            }
            None => {
                let pieces = &mut self.lexemes.pieces;
                if pieces.last().is_none_or(|piece| piece.len() == PIECE) {
                    pieces.push(Vec::with_capacity(PIECE));
                }
                let last = pieces.len() - 1;
                let id = (last * PIECE + pieces[last].len()) as u32;
                pieces[last].push(lexeme(id));
                id
            }
        };
        self.table.insert(hash, id, |id| self.lexemes.hash_of(id));
        self.version += 1;
        id
    }

    /// A line holds this word once more.
    pub(crate) fn hold(&mut self, id: u32, lower: bool) {
        let lexeme = self.get_mut(id);
        lexeme.refs += 1;
        lexeme.lower += u32::from(lower);
    }

    /// A line that held this word is gone.
    pub(crate) fn release(&mut self, id: u32, lower: bool) {
        let lexeme = self.get_mut(id);
        lexeme.refs -= 1;
        lexeme.lower -= u32::from(lower);
        if lexeme.refs > 0 {
            return;
        }
        let concept = lexeme.concept;
        lexeme.posting = Posting::new();
        lexeme.lines = 0;
        let hash_of = |id| self.lexemes.hash_of(id);
        self.table.remove(hash_of(id), id, hash_of);
        let text = std::mem::replace(&mut self.get_mut(id).text, Spelling::free());
        if let Some(at) = text.place() {
            self.lexemes.long.remove(at);
        }
        self.version += 1;
        self.free.push(id);
        if concept != id {
            self.release(concept, false);
        }
    }

    /// Asks the memory for the ends of the lists of these words, all at once: they are what is
    /// read and added to, and one after the other would be waited for.
    pub(crate) fn fetch(&self, words: impl Iterator<Item = u32>) {
        let ends = words.map(|id| self.get(id).posting.last());
        black_box(ends.fold(0, |all, end| all ^ end));
    }

    /// Notes that line `number` holds the concept.
    pub(crate) fn index(&mut self, concept: u32, number: u32) {
        let lexeme = self.get_mut(concept);
        lexeme.lines += u32::from(lexeme.posting.insert(number));
    }

    /// Takes line `number` out of the concept's lines.
    pub(crate) fn unindex(&mut self, concept: u32, number: u32) {
        let lexeme = self.get_mut(concept);
        lexeme.lines -= u32::from(lexeme.posting.remove(number));
    }
}

impl Lexemes {
    fn get(&self, id: u32) -> &Lexeme {
        &self.pieces[id as usize / PIECE][id as usize % PIECE]
    }

    fn text<'a>(&'a self, lexeme: &'a Lexeme) -> &'a str {
        if let Some(bytes) = lexeme.text.bytes() {
            return std::str::from_utf8(bytes)
                .expect("a short word is copied from a string, whole");
        }
        lexeme.text.place().map_or("", |at| &self.long[at])
    }

    fn hash_of(&self, id: u32) -> u64 {
        self.seed.hash(self.text(self.get(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_line_of_the_cache() {
        assert_eq!(size_of::<Lexeme>(), 64);
    }

    #[test]
    fn words_are_found_by_their_spelling() {
        let mut lexicon = Lexicon::new(Seed::default());
        let words = [
            "",
            "a",
            "an",
            "the",
            "velm",
            "harbour",
            "harbours",
            "fifteen letters",
            "more than fifteen",
            "порт",
            "водохранилище",
        ];
        let ids = words.map(|word| {
            let id = lexicon.add(word, lexicon.seek(word));
            lexicon.hold(id, false);
            id
        });
        for (word, id) in words.into_iter().zip(ids) {
            assert_eq!(lexicon.find(word), Some(id));
            assert_eq!(lexicon.text(lexicon.get(id)), word);
            assert!(lexicon.spells(id, word) && !lexicon.spells(id, "other"));
        }
        for (word, id) in words.into_iter().zip(ids) {
            lexicon.release(id, false);
            assert_eq!(lexicon.find(word), None);
            assert!(!lexicon.spells(id, word));
        }
    }
}
