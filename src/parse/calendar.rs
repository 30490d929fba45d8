//! Calendars that news is dated by besides the Gregorian.

use jiff::{ToSpan as _, civil::Date};

/// Years of the solar Hijri calendar that news is from: 1990 to 2099.
const SOLAR_HIJRI: std::ops::RangeInclusive<i32> = 1369..=1477;

/// The day of a solar Hijri date, as Iran prints it. Years are leap by the 33-year rule, which
/// agrees with the observed equinox for all years of [`SOLAR_HIJRI`] that have been announced.
pub(super) fn solar_hijri(year: i32, month: i8, day: i32) -> Option<Date> {
    let month = i32::from(month);
    let longest = if month <= 6 { 31 } else { 30 };
    if !SOLAR_HIJRI.contains(&year) || !(1..=12).contains(&month) || !(1..=longest).contains(&day) {
        return None;
    }
    let before = if month <= 6 { (month - 1) * 31 } else { (month - 1) * 30 + 6 };
    let days = new_year(year) - new_year(1399) + before + day - 1;
    // The year 1399 began on 20 March 2020.
    Date::constant(2020, 3, 20).checked_add(days.days()).ok()
}

/// Days from an epoch to the first of a year.
fn new_year(year: i32) -> i32 {
    let since = year - 979;
    365 * since + since / 33 * 8 + (since % 33 + 3) / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_at_the_equinox() {
        for (year, month, day, expected) in [
            (1390, 1, 1, "2011-03-21"),
            (1399, 1, 1, "2020-03-20"),
            (1399, 12, 30, "2021-03-20"),
            (1400, 1, 1, "2021-03-21"),
            (1403, 1, 1, "2024-03-20"),
            (1404, 1, 1, "2025-03-21"),
            (1402, 7, 15, "2023-10-07"),
        ] {
            let found = solar_hijri(year, month, day).map(|day| day.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{year}-{month}-{day}");
        }
        assert_eq!(solar_hijri(2020, 1, 1), None);
        assert_eq!(solar_hijri(1399, 7, 31), None);
    }
}
