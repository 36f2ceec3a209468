//! The dates of Misskey's JSON: `2026-11-23T19:38:19.267Z`.

/// Reads an ISO 8601 date in UTC with milliseconds, as `JSON.stringify` writes it, as Unix
/// milliseconds. `None`: not such a date, or before 1970.
#[must_use]
pub fn parse_unix_ms(text: &str) -> Option<u64> {
    let bytes: &[u8; 24] = text.as_bytes().try_into().ok()?;
    let marks = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'.'),
        (23, b'Z'),
    ];
    if marks.iter().any(|&(at, mark)| bytes[at] != mark) {
        return None;
    }
    let (month, day) = (digits(&bytes[5..7])?, digits(&bytes[8..10])?);
    let (hour, minute) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?);
    let (second, ms) = (digits(&bytes[17..19])?, digits(&bytes[20..23])?);
    let sane = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    if !sane || second > 59 {
        return None;
    }
    let days = days_since_1970(digits(&bytes[..4])?, month, day)?;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms)
}

/// The number that some ASCII digits write.
fn digits(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + u64::from(byte - b'0'))
    })
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years start in March here, so
/// that the leap day is a year's last.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month < 3 {
        year.checked_sub(1)?
    } else {
        year
    };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_javascript_writes_them() {
        let check = |text: &str, expected| assert_eq!(parse_unix_ms(text), expected, "{text}");
        check("1970-01-01T00:00:00.000Z", Some(0));
        check("2000-01-01T00:00:00.000Z", Some(946_684_800_000));
        check("2000-02-29T23:59:59.999Z", Some(951_868_799_999));
        check("2000-03-01T00:00:00.000Z", Some(951_868_800_000));
        check("2024-12-31T12:30:15.001Z", Some(1_735_648_215_001));
        check("2026-11-23T19:38:19.267Z", Some(1_795_462_699_267));
        check("1969-12-31T23:59:59.999Z", None);
        check("0000-01-01T00:00:00.000Z", None);
        check("2026-13-01T00:00:00.000Z", None);
        check("2026-11-23T24:00:00.000Z", None);
        check("2026-11-23T19:38:19.267+", None);
        check("2026-11-23T19:38:19Z", None);
        check("2026-1１-23T19:38:19.26Z", None);
        check("", None);
    }
}
