//! Vectors that others wrote. What differs from them is listed, with its reason, and nothing else may differ.
//!
//! Of the RFCs, those for single functions stand beside these: RFC 7515 A.1 to A.4 and RFC 8037 A.5 in `jws.rs`, RFC 7638
//! 3.1 and RFC 8037 A.3 in `jwk/thumbprint.rs`, RFC 7518 B and C and RFC 8037 A.6 as unit tests. RFC 7516 A.3 and
//! RFC 9964 A.1 are in `rfc.rs`, and most of RFC 7520 is in Wycheproof's set.
//!
//! Left out, because what they show is refused: RFC 7515 A.5 (`none`), A.6 and A.7 (JSON serialisation) and RFC 7520 4.5 to
//! 4.8, 5.10 to 5.13 (detached content, JSON serialisation); RFC 7516 A.1 and RFC 7520 5.2 and 6 (RSA-OAEP with SHA-1); RFC
//! 7516 A.2 and RFC 7520 5.1 (RSA1_5); RFC 7516 A.4; RFC 7517 C and RFC 7520 5.3 (PBES2); RFC 7518 B.2 (AES-192); RFC 7520
//! 5.9 (compression); RFC 8037 A.7 (X448).

mod rfc;
mod wycheproof;
