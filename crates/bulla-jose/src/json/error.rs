/// Bytes that are not the strict JSON that was asked for. Shows the place, never the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at byte {offset})")]
pub struct InvalidJson {
    /// What is wrong.
    pub reason: Reason,
    /// Where, in bytes from the start.
    pub offset: usize,
}

/// What can be wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are not UTF-8 (RFC 8259 section 8.1).
    #[error("not UTF-8")]
    NotUtf8,
    /// U+FEFF stands before the value (RFC 8259 section 8.1).
    #[error("a byte order mark")]
    ByteOrderMark,
    /// The text ends within a value.
    #[error("unexpected end")]
    UnexpectedEnd,
    /// Something else should stand here.
    #[error("not JSON: expected {0}")]
    Expected(&'static str),
    /// Something stands after the value.
    #[error("trailing bytes after the value")]
    TrailingBytes,
    /// An object names a member a second time.
    #[error("a member name occurs twice")]
    DuplicateMember,
    /// Half of a UTF-16 pair stands alone (RFC 8259 section 8.2).
    #[error("a lone surrogate")]
    LoneSurrogate,
    /// An escape that JSON does not have.
    #[error("an invalid escape")]
    InvalidEscape,
    /// A control character stands unescaped in a string.
    #[error("an unescaped control character")]
    ControlCharacter,
    /// A number that JSON does not have.
    #[error("an invalid number")]
    InvalidNumber,
    /// More than 32 objects and arrays within each other.
    #[error("nested too deep")]
    TooDeep,
    /// More members than [`super::Limits`] allow.
    #[error("too many members")]
    TooManyMembers,
    /// 2 GiB or more.
    #[error("too long")]
    TooLong,
    /// JSON, but of another shape than what was asked for.
    #[error("not of the expected shape")]
    Shape,
}

impl InvalidJson {
    /// `serde_json`'s own message can quote the content, so only the place is kept of it.
    pub(super) fn shape(text: &str, error: &serde_json::Error) -> Self {
        let line_start: usize = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        Self {
            reason: Reason::Shape,
            offset: line_start + error.column(),
        }
    }
}
