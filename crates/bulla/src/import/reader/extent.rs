use std::{
    fs::Metadata,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How much of a source was read, and how much there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extent {
    read: Arc<AtomicU64>,
    /// `None`: a pipe does not say it.
    whole: Option<u64>,
}

impl Extent {
    pub(super) fn of_file(metadata: &Metadata) -> Self {
        Self {
            whole: metadata.is_file().then_some(metadata.len()),
            ..Self::default()
        }
    }

    /// In hundredths of the whole.
    pub(crate) fn percent(&self) -> Option<u64> {
        let read = self.read.load(Ordering::Relaxed);
        let whole = self.whole.filter(|whole| *whole > 0)?;
        Some((read.saturating_mul(100) / whole).min(100))
    }
}

/// A source that says how much of it was read.
pub(super) struct Measured<R> {
    pub(super) source: R,
    pub(super) extent: Extent,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.extent.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
