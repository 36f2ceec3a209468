//! Moments the way JavaScript writes them.

const DAY_MS: u64 = 86_400_000;

/// A moment in Unix milliseconds as ISO 8601: `2026-11-23T19:38:10.353Z`.
#[must_use]
pub fn iso(unix_ms: u64) -> String {
    let (year, month, day) = civil(unix_ms / DAY_MS);
    let ms = unix_ms % DAY_MS;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1_000 % 60,
        ms % 1_000,
    )
}

/// When the thing with this id was made, as ISO 8601.
#[must_use]
pub fn created_at(id: &str) -> String {
    iso(crate::id::created_ms(id).unwrap_or(0))
}

/// Year, month and day of the Gregorian calendar, counted from the day 1970-01-01.
/// The algorithm counts in eras of 400 years that begin on a 1st of March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_javascript_does() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_462_690_353, "2026-11-23T19:38:10.353Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(ms), text);
        }
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        assert_eq!(created_at("atx8fvoxpt4i0009"), "2026-11-23T19:38:10.353Z");
    }
}
