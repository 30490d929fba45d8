//! Lines to judge, made up, in any number.

/// A stream of numbers that is the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// The next number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }
}

/// Lines of made-up words, drawn as real ones are: few of them everywhere, most hardly ever.
pub(crate) struct Lines {
    dice: Dice,
    words: Vec<String>,
}

impl Lines {
    /// The stream from its beginning.
    pub(crate) fn new() -> Self {
        let mut dice = Dice(0x5eed);
        let syllables = [
            "ka", "ro", "mi", "ten", "vel", "dor", "is", "an", "pu", "lem", "or", "ga", "shi",
            "wen", "tal", "bre",
        ];
        let words = (0..150_000)
            .map(|_| (0..2 + dice.below(3)).map(|_| syllables[dice.below(16)]).collect())
            .collect();
        Lines { dice, words }
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        let count = 7 + self.dice.below(9);
        let mut line = String::new();
        for at in 0..count {
            // Zipf's law by inversion: rank = n^u.
            let share = (self.dice.roll() >> 11) as f64 / (1_u64 << 53) as f64;
            let rank = (self.words.len() as f64).powf(share) as usize;
            if at > 0 {
                line.push(' ');
            }
            line.push_str(&self.words[rank.min(self.words.len() - 1)]);
        }
        line
    }
}
