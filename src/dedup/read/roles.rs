//! What part a word plays in a line.

/// Roles a word can have; a word may have several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles(u32);

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $bit:expr),* $(,)?) => {
        impl Roles { $($(#[$doc])* pub(crate) const $name: Roles = Roles(1 << $bit);)* }
    };
}

roles! {
    /// Carries grammar.
    FUNCTION = 0,
    /// Says how it is told.
    ATTRIBUTION = 1,
    /// Marks the line.
    TAG = 2,
    /// Turns a sentence into its opposite.
    NEGATION = 3,
    /// Says that something lies ahead.
    PROSPECTIVE = 4,
    /// An act of answering.
    REACTION = 5,
    /// Introduces what is known already.
    BACKGROUND = 6,
    /// Before it, a word is not quite what it is: without it the rest says something else.
    PRIVATIVE = 7,
    /// Says what kind of thing a name stands for.
    TITLE = 8,
    /// May be left out or filled in.
    VAGUE = 9,
    /// First, second, 3rd.
    ORDINAL = 10,
    /// A figure.
    NUMBER = 11,
    /// Multiplies the figure before it.
    SCALE = 12,
    /// A day of the week, or today, tomorrow, yesterday.
    DAY = 13,
    /// A month.
    MONTH = 14,
    /// A country, state or city, or its people.
    PLACE = 15,
    /// Known as a word of the language, so that a capital does not make it a name.
    COMMON = 16,
    /// Percent.
    PERCENT = 17,
    /// Written in a script without spaces: one character.
    CHARACTER = 18,
    /// A verb of saying.
    SAY = 19,
    /// Somebody who tells it, without a name; or, where it is no attribution, a word that outlets'
    /// names are made of.
    WITNESS = 20,
    /// Reports it as not yet certain.
    HEDGE = 21,
    /// Makes it certain.
    CERTAIN = 22,
    /// Undoes or holds up what the sentence speaks of.
    REVERSAL = 23,
    /// What a study or a report does.
    FINDING = 24,
    /// Can be read as a figure.
    FIGURE = 25,
    /// How many, without saying it.
    QUANTITY = 27,
    /// Before a title it makes another office of it.
    RANK = 28,
    /// Measures time.
    UNIT = 29,
    /// The wish, attempt or refusal of an act.
    ATTEMPT = 30,
    /// What it stands for has an opposite.
    OPPOSED = 31,
}

impl Roles {
    /// Whether it has any of these.
    pub(crate) fn any(self, of: Roles) -> bool {
        self.0 & of.0 != 0
    }

    /// These but for some.
    pub(crate) const fn without(self, but: Roles) -> Roles {
        Roles(self.0 & !but.0)
    }

    /// Both together.
    pub(crate) const fn and(self, with: Roles) -> Roles {
        Roles(self.0 | with.0)
    }
}
