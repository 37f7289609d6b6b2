use crate::configuration::Configuration;
use crate::engine::Engine;

/// How long a scenario that repeats something goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// As often as is promised.
    Full,
    /// Often enough to see that an engine behaves as the others do.
    Short,
}

/// Makes all scenarios run at full length in every engine.
const SOAK: &str = "COOKIE_BRIDGE_SOAK";

/// Makes scenarios whose engines are alike run in every engine: for those that are run by name.
const ALIKE: &str = "COOKIE_BRIDGE_ALIKE";

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "1")
}

/// Whether scenarios whose engines are alike run in every engine.
pub(crate) fn is_alike_everywhere() -> bool {
    is_set(SOAK) || is_set(ALIKE)
}

impl Length {
    /// Full in one engine, short in the others; in a soak, full in all.
    pub(crate) fn but_full_in(engine: Engine, configuration: Configuration) -> Self {
        if is_set(SOAK) || configuration.engine() == engine { Self::Full } else { Self::Short }
    }

    /// The one that belongs to this length.
    pub fn choose<T>(self, full: T, short: T) -> T {
        match self {
            Self::Full => full,
            Self::Short => short,
        }
    }
}
