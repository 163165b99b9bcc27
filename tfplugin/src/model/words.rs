//! What a model may be: a word or a type of a field means something of some kinds only.

/// What a model is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A resource as a whole.
    Resource,
    /// A data source as a whole.
    DataSource,
    /// An ephemeral resource as a whole.
    EphemeralResource,
    /// The provider's block.
    ProviderBlock,
    /// The provider's `provider_meta`.
    ProviderMeta,
    /// The parameters of a function.
    Function,
    /// A block in one of them.
    Block,
    /// An attribute in one of them.
    NestedAttribute,
}

/// A word or a type of a field.
#[derive(Debug)]
pub struct Word {
    /// Where it means something.
    pub kinds: &'static [Kind],
    /// What is told where it doesn't.
    pub fault: &'static str,
}

/// What a model's fields say that means something of some kinds only.
#[derive(Debug)]
pub struct Words {
    /// What its own fields say.
    pub own: &'static [Word],
    /// What the models in it say.
    pub parts: &'static [&'static Words],
}

impl Words {
    /// Nothing that wouldn't mean something everywhere.
    pub const NONE: &'static Words = &Words { own: &[], parts: &[] };

    /// Fails with the fault of a word, here or in a part, that means nothing in a `kind`.
    #[track_caller]
    pub const fn must_be(&self, kind: Kind) {
        self.own_must_be(kind);
        let mut at = 0;
        while at < self.parts.len() {
            self.parts[at].must_be(kind);
            at += 1;
        }
    }

    /// The same of its own fields only: what is in a part, the part was told.
    #[track_caller]
    pub const fn own_must_be(&self, kind: Kind) {
        let mut at = 0;
        while at < self.own.len() {
            assert!(self.own[at].is_for(kind), "{}", self.own[at].fault);
            at += 1;
        }
    }
}

impl Word {
    const fn is_for(&self, kind: Kind) -> bool {
        let mut at = 0;
        while at < self.kinds.len() {
            if self.kinds[at] as u8 == kind as u8 {
                return true;
            }
            at += 1;
        }
        false
    }
}
