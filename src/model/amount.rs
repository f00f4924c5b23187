//! Amounts of data and rates of transfer as people write them: `10TB`, `400GiB`, `1Gbps`.
//!
//! In: texts. Out: bytes and bits a second, and the texts for them. Sizes are decimal unless the
//! unit says otherwise (IEC 80000-13: kB is 1000 bytes, KiB 1024); rates are decimal always.

use super::units::TextRule;

/// Units of size with their bytes, the smallest first.
const SIZES: [(&str, i64); 11] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
    ("PB", 1_000_000_000_000_000),
];

/// Units of transfer with their bits a second, the smallest first.
const RATES: [(&str, i64); 4] = [
    ("kbps", 1000),
    ("Mbps", 1_000_000),
    ("Gbps", 1_000_000_000),
    ("Tbps", 1_000_000_000_000),
];

/// A size such as `10TB`.
pub static SIZE: TextRule = TextRule {
    name: "a size",
    example: "10TB",
    canonical: |text| parse_bytes(text).map(|_| text.to_owned()),
};

/// A rate of transfer such as `1Gbps`.
pub static BANDWIDTH: TextRule = TextRule {
    name: "a rate of transfer",
    example: "1Gbps",
    canonical: |text| parse_bits_per_second(text).map(|_| text.to_owned()),
};

/// Returns the bytes of a size such as `10TB` or `1.5TiB`, or why it is none.
pub fn parse_bytes(text: &str) -> Result<i64, String> {
    parse(
        text,
        &SIZES,
        "a size is a number and a unit, such as 400GB, 10TB or 512MiB",
    )
}

/// Returns the bits a second of a rate such as `1Gbps`, or why it is none.
pub fn parse_bits_per_second(text: &str) -> Result<i64, String> {
    parse(
        text,
        &RATES,
        "a rate is a number and a unit, such as 500Mbps or 1Gbps",
    )
}

/// Returns a number of bytes in its largest decimal unit, with one digit after the point where it
/// is not whole.
#[must_use]
pub fn format_bytes(bytes: i64) -> String {
    show(bytes, &["B", "kB", "MB", "GB", "TB", "PB"])
}

/// Returns a number of bits a second in its largest unit.
#[must_use]
pub fn format_bits_per_second(bits: i64) -> String {
    show(bits, &["bps", "kbps", "Mbps", "Gbps", "Tbps"])
}

fn parse(text: &str, units: &[(&str, i64)], what: &str) -> Result<i64, String> {
    let at = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) else {
        let known: Vec<&str> = units.iter().map(|(name, _)| *name).collect();
        return Err(format!("{what}; the units are {}", known.join(", ")));
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let too_large = || "it is too large".to_owned();
    let whole: i64 = whole.parse().map_err(|_| what.to_owned())?;
    let whole = whole.checked_mul(*factor).ok_or_else(too_large)?;
    if part.is_empty() {
        return if number.ends_with('.') {
            Err(what.to_owned())
        } else {
            Ok(whole)
        };
    }
    let digits = u32::try_from(part.len()).ok().filter(|digits| *digits <= 6);
    let scale = 10_i64.pow(digits.ok_or_else(|| what.to_owned())?);
    let part: i64 = part.parse().map_err(|_| what.to_owned())?;
    // At most a millionth is lost, far below what anybody means.
    let part = i128::from(part) * i128::from(*factor) / i128::from(scale);
    i64::try_from(part)
        .ok()
        .and_then(|part| whole.checked_add(part))
        .ok_or_else(too_large)
}

fn show(number: i64, units: &[&str]) -> String {
    let (mut unit, mut size) = (0, 1_i64);
    while unit + 1 < units.len() && number.unsigned_abs() / 1000 >= size.unsigned_abs() {
        size *= 1000;
        unit += 1;
    }
    let tenths = i128::from(number) * 10 / i128::from(size);
    if tenths % 10 == 0 {
        format!("{}{}", tenths / 10, units[unit])
    } else {
        format!("{}.{}{}", tenths / 10, (tenths % 10).abs(), units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_rates_read_with_their_unit() {
        assert_eq!(parse_bytes("10TB"), Ok(10_000_000_000_000));
        assert_eq!(parse_bytes("1.5KiB"), Ok(1536));
        assert_eq!(parse_bits_per_second("1Gbps"), Ok(1_000_000_000));
        for wrong in [
            "10", "TB", "10 TB", "10tb", "1.GB", ".5GB", "-1GB", "99999PB", "1Gbps",
        ] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
        assert!(parse_bits_per_second("1GBps").is_err());
    }

    #[test]
    fn amounts_are_shown_in_their_largest_unit() {
        assert_eq!(format_bytes(10_000_000_000_000), "10TB");
        assert_eq!(format_bytes(450_000_000_000), "450GB");
        assert_eq!(format_bytes(1536), "1.5kB");
        assert_eq!(format_bytes(0), "0B");
        assert_eq!(format_bits_per_second(1_000_000_000), "1Gbps");
    }
}
