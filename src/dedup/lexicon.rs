//! The vocabulary of the lines in memory: each word once, with the lines that hold it. A word
//! leaves with its last line.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::SmallVec;

use super::{
    table,
    words::{Roles, WORDS},
};

/// A word of the vocabulary.
#[derive(Debug)]
pub(super) struct Lexeme {
    text: Box<str>,
    /// The word it stands for, itself for most.
    pub(super) concept: u32,
    /// Its roles.
    pub(super) roles: Roles,
    /// Its group of like-meaning words, 0 for none.
    pub(super) group: u16,
    /// Lines in memory that hold it, and words that stand for it.
    refs: u32,
    /// Times it stands uncapitalised in the lines in memory.
    lower: u32,
    /// Numbers of the lines that hold it, rising; those before `start` have left.
    posting: SmallVec<[u32; 4]>,
    start: u32,
}

impl Lexeme {
    /// The word.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a line in memory has it uncapitalised.
    pub(super) fn seen_lower(&self) -> bool {
        self.lower > 0
    }

    /// The lines that hold it, oldest first.
    pub(super) fn lines(&self) -> &[u32] {
        &self.posting[self.start as usize..]
    }
}

/// All words of the lines in memory.
#[derive(Debug)]
pub(super) struct Lexicon {
    lexemes: Vec<Lexeme>,
    free: Vec<u32>,
    table: HashTable<u32>,
    /// Seeded anew in each process, so that nobody can write words that all fall into one slot.
    /// The table is only ever asked, never walked: the seed decides nothing.
    hasher: DefaultHashBuilder,
}

impl Lexicon {
    pub(super) fn new() -> Self {
        Lexicon {
            lexemes: Vec::new(),
            free: Vec::new(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The word with this number.
    pub(super) fn get(&self, id: u32) -> &Lexeme {
        &self.lexemes[id as usize]
    }

    /// The hash of a word.
    pub(super) fn hash(&self, word: &str) -> u64 {
        self.hasher.hash_one(word)
    }

    /// The number of a word, where a line in memory holds it.
    pub(super) fn find(&self, word: &str) -> Option<u32> {
        self.find_hashed(word, self.hash(word))
    }

    /// The number of a word whose hash is known.
    pub(super) fn find_hashed(&self, word: &str, hash: u64) -> Option<u32> {
        self.table.find(hash, |&id| &*self.lexemes[id as usize].text == word).copied()
    }

    /// The number of a word, which is added where it is new. It stays only if it is held.
    pub(super) fn add(&mut self, word: &str, hash: u64) -> u32 {
        if let Some(id) = self.find_hashed(word, hash) {
            return id;
        }
        let knowledge = WORDS.know(word);
        let id = self.place(word, hash, knowledge.roles, knowledge.group);
        if knowledge.concept != word {
            let hash = self.hash(&knowledge.concept);
            let concept = match self.find_hashed(&knowledge.concept, hash) {
                Some(id) => id,
                None => {
                    let own = WORDS.know(&knowledge.concept);
                    self.place(&knowledge.concept, hash, own.roles, own.group)
                }
            };
            self.lexemes[concept as usize].refs += 1;
            self.lexemes[id as usize].concept = concept;
        }
        id
    }

    fn place(&mut self, word: &str, hash: u64, roles: Roles, group: u16) -> u32 {
        let id = self.free.pop().unwrap_or(self.lexemes.len() as u32);
        let lexeme = Lexeme {
            text: word.into(),
            concept: id,
            roles,
            group,
            refs: 0,
            lower: 0,
            posting: SmallVec::new(),
            start: 0,
        };
        match self.lexemes.get_mut(id as usize) {
            Some(place) => *place = lexeme,
            None => self.lexemes.push(lexeme),
        }
        let (lexemes, hasher) = (&self.lexemes, &self.hasher);
        let hash_of = |id: u32| hasher.hash_one(&*lexemes[id as usize].text);
        table::insert(&mut self.table, hash, id, hash_of);
        id
    }

    /// A line holds this word once more.
    pub(super) fn hold(&mut self, id: u32, lower: bool) {
        let lexeme = &mut self.lexemes[id as usize];
        lexeme.refs += 1;
        lexeme.lower += u32::from(lower);
    }

    /// A line that held this word is gone.
    pub(super) fn release(&mut self, id: u32, lower: bool) {
        let lexeme = &mut self.lexemes[id as usize];
        lexeme.refs -= 1;
        lexeme.lower -= u32::from(lower);
        if lexeme.refs > 0 {
            return;
        }
        let concept = lexeme.concept;
        let text = std::mem::take(&mut lexeme.text);
        lexeme.posting = SmallVec::new();
        lexeme.start = 0;
        let hash = self.hasher.hash_one(&*text);
        if let Ok(entry) = self.table.find_entry(hash, |&other| other == id) {
            entry.remove();
        }
        self.free.push(id);
        if concept != id {
            self.release(concept, false);
        }
    }

    /// Notes that line `number` holds the concept.
    pub(super) fn index(&mut self, concept: u32, number: u32) {
        let lexeme = &mut self.lexemes[concept as usize];
        let posting = &mut lexeme.posting;
        if posting.len() == posting.capacity() {
            // Room grows by a sixteenth: doubling would waste a third of the memory on average.
            let more = (posting.len() / 16).max(4);
            posting.reserve_exact(more);
        }
        let at = match posting.last() {
            Some(&last) if last > number => {
                posting[lexeme.start as usize..].partition_point(|&other| other < number)
                    + lexeme.start as usize
            }
            _ => posting.len(),
        };
        if posting.get(at) != Some(&number)
            && (at == 0 || posting[at - 1] != number || at - 1 < lexeme.start as usize)
        {
            posting.insert(at, number);
        }
    }

    /// Takes line `number` out of the concept's lines.
    pub(super) fn unindex(&mut self, concept: u32, number: u32) {
        let lexeme = &mut self.lexemes[concept as usize];
        let start = lexeme.start as usize;
        let Ok(at) = lexeme.posting[start..].binary_search(&number) else { return };
        let len = lexeme.posting.len();
        if at < (len - start) / 2 {
            lexeme.posting[start..=start + at].rotate_right(1);
            lexeme.start += 1;
        } else {
            lexeme.posting.remove(start + at);
        }
        let start = lexeme.start as usize;
        let len = lexeme.posting.len();
        if start * 8 > len.max(16) {
            lexeme.posting.drain(..start);
            lexeme.start = 0;
            if lexeme.posting.len() * 2 < lexeme.posting.capacity() {
                lexeme.posting.shrink_to_fit();
            }
        }
    }
}
