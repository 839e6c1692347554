use crate::{jwa::ContentEncryption, jws::MAX_TOKEN_BYTES};

/// What makes an encrypted token acceptable. Which key managements are, the keys say: each is bound to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecryptionPolicy {
    pub(super) encryptions: Vec<ContentEncryption>,
    pub(super) max_token_bytes: usize,
}

impl DecryptionPolicy {
    /// The content must be encrypted with one of these. An empty list accepts nothing.
    #[must_use]
    pub fn new(encryptions: &[ContentEncryption]) -> Self {
        Self {
            encryptions: encryptions.to_vec(),
            max_token_bytes: MAX_TOKEN_BYTES,
        }
    }

    /// Refuses longer tokens unread; [`MAX_TOKEN_BYTES`] unless set.
    #[must_use]
    pub const fn with_max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }
}
