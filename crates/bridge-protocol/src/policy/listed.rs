use super::error::PolicyError;
use super::rights::Rights;
use crate::cookie::CookieName;
use crate::message::is_return_page;

/// An entry as it is in the list, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// A string.
    Text(String),
    /// An object, with all its properties.
    Object(Vec<(String, Property)>),
    /// Anything else.
    Other,
}

/// A property of an entry's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// A string.
    Text(String),
    /// An array; `None` stands for an element that is not a string.
    Texts(Vec<Option<String>>),
    /// Anything else.
    Other,
}

impl Listed {
    /// The entry's origin, as it was written.
    pub(super) fn origin(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(properties) => properties.iter().find_map(|(name, property)| match property {
                Property::Text(text) if name == "origin" => Some(text.as_str()),
                _ => None,
            }),
            Self::Other => None,
        }
    }

    /// The entry's rights, unless it has a mistake.
    pub(super) fn rights(&self, origin: &str, report: &mut dyn FnMut(PolicyError)) -> Option<Rights> {
        let mut rights = Rights::ALL;
        let Self::Object(properties) = self else { return Some(rights) };
        let mut is_good = true;
        for (name, property) in properties {
            let entry = || origin.to_owned();
            let error = match name.as_str() {
                "origin" => continue,
                "cookies" => match names(property) {
                    Some(names) => {
                        rights.names = Some(names);
                        continue;
                    }
                    None => PolicyError::Cookies { entry: entry() },
                },
                "access" => match access(property) {
                    Some((load, save)) => {
                        (rights.load, rights.save) = (load, save);
                        continue;
                    }
                    None => PolicyError::Access { entry: entry() },
                },
                "returnPage" => match property {
                    Property::Text(path) if is_return_page(path) => {
                        rights.return_page = Some(path.clone());
                        continue;
                    }
                    _ => PolicyError::ReturnPage { entry: entry() },
                },
                _ => PolicyError::Unknown { entry: entry(), property: name.clone() },
            };
            is_good = false;
            report(error);
        }
        is_good.then_some(rights)
    }
}

fn names(property: &Property) -> Option<Vec<CookieName>> {
    let Property::Texts(texts) = property else { return None };
    let mut names = Vec::new();
    for text in texts {
        names.push(CookieName::parse(text.as_deref()?).ok()?);
    }
    (!names.is_empty()).then_some(names)
}

/// Whether to load, and whether to save.
fn access(property: &Property) -> Option<(bool, bool)> {
    let Property::Texts(texts) = property else { return None };
    let (mut load, mut save) = (false, false);
    for text in texts {
        match text.as_deref()? {
            "load" => load = true,
            "save" => save = true,
            _ => return None,
        }
    }
    (load || save).then_some((load, save))
}
