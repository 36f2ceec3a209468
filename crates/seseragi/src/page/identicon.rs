//! A picture for a user who has none: a small symmetric pattern made from the name.

use std::fmt::Write;

/// Cells of a side; the right half mirrors the left.
const SIDE: u32 = 5;

/// Draws the pattern of a name. The same name gives the same picture on every server.
pub(super) fn svg(seed: &str) -> String {
    let hash = fnv1a(seed);
    let hue = hash % 360;
    let mut cells = String::new();
    for y in 0..SIDE {
        for x in 0..SIDE {
            let bit = y * SIDE.div_ceil(2) + x.min(SIDE - 1 - x);
            if (hash >> (9 + bit)) & 1 == 1 {
                write!(cells, "M{x} {y}h1v1h-1z").expect("a string takes everything");
            }
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-1 -1 7 7\">\
         <rect x=\"-1\" y=\"-1\" width=\"7\" height=\"7\" fill=\"hsl({hue} 40% 90%)\"/>\
         <path d=\"{cells}\" fill=\"hsl({hue} 55% 45%)\"/></svg>"
    )
}

/// FNV-1a, 64 bits: stable across builds, unlike the standard library's hasher.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_has_its_own_and_always_the_same_picture() {
        assert_eq!(super::svg("bob@a"), super::svg("bob@a"));
        assert_ne!(super::svg("bob@a"), super::svg("eve@a"));
    }
}
