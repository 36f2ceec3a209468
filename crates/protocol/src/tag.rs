//! Hashtags as they are compared.

use unicode_normalization::UnicodeNormalization;

/// NFKC-normalises and lower-cases a tag, so that tags which look the same compare equal.
#[must_use]
pub fn normalise(tag: &str) -> Box<str> {
    tag.nfkc().collect::<String>().to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_look_the_same_are_equal() {
        let check = |tag: &str, expected: &str| assert_eq!(&*normalise(tag), expected, "{tag}");
        check("TagOne", "tagone");
        check("ＴＡＧ", "tag");
        check("ﾐｽｷｰ", "ミスキー");
        check("が", "が");
        check("ΑΣ", "ας");
        check("", "");
    }
}
