use super::Text;

/// The member names of the objects that are open, compared after their escapes are undone.
///
/// Kept between texts, it stops allocating. A name with escapes is decoded once, so that a comparison always costs as
/// much as comparing bytes: names of an unverified header must not become expensive.
#[derive(Debug, Default)]
pub(crate) struct Names {
    entries: Vec<Entry>,
    decoded: String,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The first eight bytes, zeros behind a shorter name.
    head: u64,
    start: u32,
    len: u32,
    is_decoded: bool,
}

/// The names of one object that is open.
pub(super) struct ObjectNames {
    /// The place of its first.
    first: usize,
    /// A bit for each class of names that it has: most names are new, and most of those by this alone.
    classes: u64,
}

impl Names {
    /// With memory for a usual text.
    pub(super) fn with_capacity(names: usize) -> Self {
        let entries = Vec::with_capacity(names);
        let decoded = String::new();
        Self { entries, decoded }
    }

    /// Forgets everything but the memory.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.decoded.clear();
    }

    /// For an object that is opened now.
    pub(super) const fn open(&self) -> ObjectNames {
        ObjectNames {
            first: self.entries.len(),
            classes: 0,
        }
    }

    /// Forgets the names of an object that has ended.
    pub(super) fn close(&mut self, object: &ObjectNames) {
        self.entries.truncate(object.first);
    }

    /// Adds a name to the innermost open object; false if the object has it already. `start` is where the name's
    /// characters stand in `source`.
    #[inline(always)]
    pub(super) fn insert(
        &mut self,
        object: &mut ObjectNames,
        source: &str,
        start: usize,
        name: Text<'_>,
    ) -> bool {
        let entry = if name.is_plain() {
            Entry::new(source, start, name.raw().len(), false)
        } else {
            let start = self.decoded.len();
            name.decode_into(&mut self.decoded);
            Entry::new(&self.decoded, start, self.decoded.len() - start, true)
        };
        let repeated = object.may_hold(&entry) && self.holds(object, &entry, source);
        if !repeated {
            self.entries.push(entry);
        }
        !repeated
    }

    #[inline(never)]
    fn holds(&self, object: &ObjectNames, entry: &Entry, source: &str) -> bool {
        let text = entry.text(source, &self.decoded);
        self.entries[object.first..]
            .iter()
            .any(|other| other.head == entry.head && other.text(source, &self.decoded) == text)
    }
}

impl ObjectNames {
    /// Notes the name; whether one of its class was there before.
    #[inline(always)]
    const fn may_hold(&mut self, entry: &Entry) -> bool {
        let mixed = (entry.head ^ entry.len as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let class = 1 << (mixed >> 58);
        let found = self.classes & class != 0;
        self.classes |= class;
        found
    }
}

impl Entry {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the scanner refuses texts of 2 GiB or more"
    )]
    #[inline(always)]
    fn new(text: &str, start: usize, len: usize, is_decoded: bool) -> Self {
        Self {
            head: head(&text.as_bytes()[start..], len),
            start: start as u32,
            len: len as u32,
            is_decoded,
        }
    }

    fn text<'t>(&self, source: &'t str, decoded: &'t str) -> &'t [u8] {
        let whole = if self.is_decoded { decoded } else { source };
        let start = self.start as usize;
        &whole.as_bytes()[start..start + self.len as usize]
    }
}

/// The first eight bytes of the `len` that a name has. Reads behind it where there is something, and hides that.
#[inline(always)]
fn head(from_name_on: &[u8], len: usize) -> u64 {
    match from_name_on.first_chunk::<8>() {
        Some(_) if len == 0 => 0,
        Some(chunk) => u64::from_le_bytes(*chunk) & (u64::MAX >> (64 - 8 * len.min(8))),
        None => from_name_on[..len.min(from_name_on.len())]
            .iter()
            .rev()
            .fold(0, |head, &byte| head << 8 | u64::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_name_depends_on_the_name_alone() {
        for len in 0..12 {
            let name = &b"abcdefghijkl"[..len];
            for behind in ["", "\":1}", "\":\"some longer value\"}"] {
                let text = [name, behind.as_bytes()].concat();
                let mut padded = [0; 8];
                padded[..len.min(8)].copy_from_slice(&name[..len.min(8)]);
                assert_eq!(
                    head(&text, len),
                    u64::from_le_bytes(padded),
                    "{len} {behind}"
                );
            }
        }
    }
}
