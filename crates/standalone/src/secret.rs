//! Random text: tokens and the like.

/// The alphabet of tokens.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The length of a native token, in characters: clients and servers tell it from an app's by it.
pub const NATIVE_TOKEN_LENGTH: usize = 16;

/// The length of an app's token, in characters.
pub const APP_TOKEN_LENGTH: usize = 32;

/// A new token of `length` characters.
///
/// # Errors
///
/// If the system gives no random bytes.
pub fn token(length: usize) -> Result<String, getrandom::Error> {
    let mut bytes = vec![0_u8; length];
    fill(&mut bytes, ALPHABET)?;
    Ok(bytes.into_iter().map(char::from).collect())
}

/// True or false, each as likely.
pub(crate) fn coin() -> Result<bool, getrandom::Error> {
    let mut byte = [0_u8; 1];
    getrandom::fill(&mut byte)?;
    Ok(byte[0] & 1 == 1)
}

/// Fills `out` with characters of `alphabet`, each as likely as another.
pub(crate) fn fill(out: &mut [u8], alphabet: &[u8]) -> Result<(), getrandom::Error> {
    let fair_below = 256 - 256 % alphabet.len();
    for slot in out {
        *slot = loop {
            let mut byte = [0_u8; 1];
            getrandom::fill(&mut byte)?;
            let value = usize::from(byte[0]);
            if value < fair_below {
                break alphabet[value % alphabet.len()];
            }
        };
    }
    Ok(())
}
