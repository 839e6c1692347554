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
    fingerprint: u32,
    start: u32,
    len: u32,
    is_decoded: bool,
}

impl Names {
    /// Forgets everything but the memory.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.decoded.clear();
    }

    /// Where the names of the object that is opened now begin.
    pub(super) const fn open(&self) -> usize {
        self.entries.len()
    }

    /// Forgets the names of an object that has ended.
    pub(super) fn close(&mut self, opened: usize) {
        self.entries.truncate(opened);
    }

    /// Adds a name to the object that began at `opened`; false if the object has it already. `start` is where the
    /// name's characters stand in `source`.
    pub(super) fn insert(
        &mut self,
        opened: usize,
        source: &str,
        start: usize,
        name: Text<'_>,
    ) -> bool {
        let entry = if name.is_plain() {
            Entry::new(name.raw(), start, false)
        } else {
            let start = self.decoded.len();
            name.decode_into(&mut self.decoded);
            Entry::new(&self.decoded[start..], start, true)
        };
        let text = entry.text(source, &self.decoded);
        let repeated = self.entries[opened..].iter().any(|other| {
            other.fingerprint == entry.fingerprint && other.text(source, &self.decoded) == text
        });
        self.entries.push(entry);
        !repeated
    }
}

impl Entry {
    /// The scanner refuses texts of 2 GiB, so places fit into 32 bits.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the scanner refuses texts of 2 GiB or more"
    )]
    fn new(name: &str, start: usize, is_decoded: bool) -> Self {
        let mut head = [0; 4];
        let known = name.len().min(4);
        head[..known].copy_from_slice(&name.as_bytes()[..known]);
        Self {
            fingerprint: u32::from_le_bytes(head) ^ (name.len() as u32).rotate_left(24),
            start: start as u32,
            len: name.len() as u32,
            is_decoded,
        }
    }

    fn text<'t>(&self, source: &'t str, decoded: &'t str) -> &'t [u8] {
        let whole = if self.is_decoded { decoded } else { source };
        let start = self.start as usize;
        &whole.as_bytes()[start..start + self.len as usize]
    }
}
