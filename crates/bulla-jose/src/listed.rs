use std::fmt;

/// Things of one kind with commas between, for the text of an error.
pub(crate) struct Listed<'a, T>(pub(crate) &'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, one) in self.0.iter().enumerate() {
            write!(f, "{}{one}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// That no key could be meant: neither by the `kid` that a token names, nor, without one, by `what` it would have to be.
pub(crate) fn unknown_key(key_id: Option<&str>, what: &str) -> String {
    match key_id {
        Some(key_id) => format!("no key with the ID \"{key_id}\" is known"),
        None => format!("the token names no key, and no known key is {what}"),
    }
}
