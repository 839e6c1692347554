/// Where the first quote, backslash or control character at or behind `at` stands, or the end. Eight at a time: strings are
/// most of a token.
#[inline]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
        let control = word.wrapping_sub(ONES * 0x20);
        // A byte's high bit is set where it is one of these. Above the first such byte, which borrows from its
        // neighbour, the answer may be wrong; below never.
        let found = (quote | backslash | control) & !word & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let plain = |&&byte: &&u8| byte != b'"' && byte != b'\\' && byte >= 0x20;
    at + bytes.iter().skip(at).take_while(plain).count()
}

/// Where the first byte at or behind `at` stands that is no digit, or the end.
#[inline]
pub(super) fn digits_end(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_where_a_byte_by_byte_search_ends() {
        let slow = |bytes: &[u8]| {
            let special = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
            bytes.iter().position(special).unwrap_or(bytes.len())
        };
        for byte in 0..=u8::MAX {
            for at in 0..24 {
                let mut bytes = [b'a'; 24];
                bytes[at] = byte;
                assert_eq!(plain_end(&bytes, 0), slow(&bytes), "{byte} at {at}");
                bytes[at / 2] = byte.wrapping_sub(1);
                assert_eq!(plain_end(&bytes, 0), slow(&bytes), "{byte} twice at {at}");
            }
        }
    }
}
