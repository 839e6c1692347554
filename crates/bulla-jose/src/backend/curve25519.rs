use curve25519_dalek::edwards::CompressedEdwardsY;

/// Whether these bytes are the one encoding of a point on the curve that is not of small order: signatures of such a
/// point can be made by anybody (RFC 8032 section 5.1.3). `aws-lc-rs` takes any 32 bytes for a key.
pub(crate) fn is_ed25519_key(x: &[u8; 32]) -> bool {
    let compressed = CompressedEdwardsY(*x);
    compressed
        .decompress()
        .is_some_and(|point| !point.is_small_order() && point.compress() == compressed)
}
