use crate::jwa::{ContentEncryption, KeyManagement};

/// How many bytes are agreed on, and the `OtherInfo` that takes part in deriving them (RFC 7518 section 4.6.2).
pub(super) fn derivation(
    algorithm: KeyManagement,
    encryption: ContentEncryption,
    party_u: &[u8],
    party_v: &[u8],
) -> (usize, Vec<u8>) {
    let (name, length) = match algorithm {
        KeyManagement::EcdhEsA128Kw => (algorithm.as_str(), 16),
        KeyManagement::EcdhEsA256Kw => (algorithm.as_str(), 32),
        _ => (encryption.as_str(), encryption.key_bytes()),
    };
    let mut info = Vec::new();
    for field in [name.as_bytes(), party_u, party_v] {
        info.extend_from_slice(&four_bytes(field.len()));
        info.extend_from_slice(field);
    }
    info.extend_from_slice(&four_bytes(8 * length));
    (length, info)
}

/// Four bytes, big-endian. All lengths here are bounded by that of a header, far below 2^32.
fn four_bytes(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        backend::{AgreementKey, sha256},
        base64url,
        jwa::AgreementCurve,
        jwk::{KeyMaterial, Members, PublicKey},
    };

    fn public(jwk: &str) -> PublicKey {
        match Members::read(jwk.as_bytes()).unwrap().material().unwrap() {
            KeyMaterial::Public(public) => public,
            KeyMaterial::Secret(_) => unreachable!("a public key"),
        }
    }

    fn bytes(text: &str) -> Vec<u8> {
        base64url::decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn rfc_7518_appendix_c() {
        let alice = public(
            r#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#,
        );
        let bob = bytes("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
        let bob = AgreementKey::from_scalar(AgreementCurve::P256, &bob).unwrap();
        let (length, context) = derivation(
            KeyManagement::EcdhEs,
            ContentEncryption::A128Gcm,
            b"Alice",
            b"Bob",
        );
        let expected_context = b"\0\0\0\x07A128GCM\0\0\0\x05Alice\0\0\0\x03Bob\0\0\0\x80";
        assert_eq!(context, expected_context);
        let key = bob.agree(&alice, &context, length).unwrap();
        assert_eq!(base64url::encode(&key), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn rfc_8037_a_6_x25519() {
        let bob = public(
            r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#,
        );
        let ephemeral = bytes("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo");
        let ephemeral = AgreementKey::from_scalar(AgreementCurve::X25519, &ephemeral).unwrap();
        let own =
            r#"{"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}"#;
        assert_eq!(ephemeral.public().unwrap(), public(own));
        let shared = bytes("Sl2dW6TOLeFyjjv0gDUPJeB-IclH0Z4zdvCbPB4WF0I");
        let (length, context) = derivation(
            KeyManagement::EcdhEsA256Kw,
            ContentEncryption::A256Gcm,
            b"",
            b"",
        );
        // One round of the Concat KDF: the hash of its number, what was agreed on, and the context.
        let expected = sha256(&[&[0, 0, 0, 1], shared.as_slice(), &context].concat());
        assert_eq!(*ephemeral.agree(&bob, &context, length).unwrap(), expected);
    }
}
