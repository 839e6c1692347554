use std::ops::Range;

use super::Text;

/// So many names of one object are compared one by one. Whoever writes the text chooses the names, so with more it has
/// to be a search: no hash that is the same everywhere would do.
const MOST_UNSORTED: usize = 64;

/// The member names of the objects that are open, compared after their escapes are undone. Those of the outermost one
/// stay until the next text.
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
    place: Place,
}

/// Where a name stands, in the text or among the decoded ones. One number, because an entry has to stay in registers:
/// put together in memory, reading it back as a whole costs more than all else that is done with a name.
#[derive(Debug, Clone, Copy)]
struct Place(u64);

impl Place {
    const IS_DECODED: u64 = 1 << 63;

    /// The scanner refuses texts of 2 GiB, so both fit into 31 bits.
    #[inline(always)]
    const fn new(start: usize, len: usize, is_decoded: bool) -> Self {
        let flag = if is_decoded { Self::IS_DECODED } else { 0 };
        Self((start as u64) | (len as u64) << 32 | flag)
    }

    const fn is_decoded(self) -> bool {
        self.0 & Self::IS_DECODED != 0
    }

    const fn range(self) -> Range<usize> {
        const MASK: u64 = (1 << 31) - 1;
        let start = (self.0 & MASK) as usize;
        let len = (self.0 >> 32 & MASK) as usize;
        start..start + len
    }
}

/// The names of one object that is open.
pub(super) struct ObjectNames {
    /// The place of its first.
    first: usize,
    /// How many of them, from the first on, are in order.
    sorted: usize,
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
            sorted: 0,
            classes: 0,
        }
    }

    /// Whether the outermost object of `source`, the text that was read last, has a member of this name.
    pub(crate) fn contains(&self, source: &str, name: &str) -> bool {
        let head = head(name.as_bytes(), name.len());
        self.entries
            .iter()
            .any(|entry| entry.head == head && entry.text(source, &self.decoded) == name.as_bytes())
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
        let (entry, len) = if name.is_plain() {
            let len = name.raw().len();
            (Entry::new(source, start, len, false), len)
        } else {
            let start = self.decoded.len();
            name.decode_into(&mut self.decoded);
            let len = self.decoded.len() - start;
            (Entry::new(&self.decoded, start, len, true), len)
        };
        let repeated = object.may_hold(entry.head, len) && self.holds(object, entry, source);
        if !repeated {
            self.entries.push(entry);
        }
        !repeated
    }

    #[inline(never)]
    fn holds(&mut self, object: &mut ObjectNames, entry: Entry, source: &str) -> bool {
        let decoded = &self.decoded;
        let names = &mut self.entries[object.first..];
        let order = |one: &Entry, other: &Entry| {
            let heads = one.head.cmp(&other.head);
            heads.then_with(|| one.text(source, decoded).cmp(other.text(source, decoded)))
        };
        if names.len() - object.sorted > MOST_UNSORTED {
            // Stable, because that merges with what is in order already.
            names.sort_by(order);
            object.sorted = names.len();
        }
        let (sorted, unsorted) = names.split_at(object.sorted);
        let mut unsorted = unsorted.iter();
        sorted
            .binary_search_by(|other| order(other, &entry))
            .is_ok()
            || unsorted.any(|other| order(other, &entry).is_eq())
    }
}

impl ObjectNames {
    /// Notes the name; whether one of its class was there before.
    #[inline(always)]
    const fn may_hold(&mut self, head: u64, len: usize) -> bool {
        let mixed = (head ^ len as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let class = 1 << (mixed >> 58);
        let found = self.classes & class != 0;
        self.classes |= class;
        found
    }
}

impl Entry {
    #[inline(always)]
    fn new(text: &str, start: usize, len: usize, is_decoded: bool) -> Self {
        Self {
            head: head(&text.as_bytes()[start..], len),
            place: Place::new(start, len, is_decoded),
        }
    }

    fn text<'t>(&self, source: &'t str, decoded: &'t str) -> &'t [u8] {
        let whole = if self.place.is_decoded() {
            decoded
        } else {
            source
        };
        &whole.as_bytes()[self.place.range()]
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
    fn many_names_are_not_compared_with_each_other() {
        // Their first eight bytes are the same, which is what is compared first.
        let source: String = (0..16_384).map(|at| format!("aaaaaaaa{at:05}")).collect();
        let name = |at: usize| Text::new(&source[13 * at..13 * at + 13], true);
        let (mut names, mut compared_one_by_one) = (Names::default(), 0);
        let mut object = names.open();
        // A stride that visits all of them out of order.
        for at in (0..16_384).map(|step| step * 5_003 % 16_384) {
            assert!(names.insert(&mut object, &source, 13 * at, name(at)));
            compared_one_by_one = compared_one_by_one.max(names.entries.len() - object.sorted);
        }
        assert_eq!(compared_one_by_one, MOST_UNSORTED + 1);
        for at in 0..16_384 {
            assert!(!names.insert(&mut object, &source, 13 * at, name(at)));
        }
    }

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
