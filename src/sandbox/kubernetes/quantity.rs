//! Quantities as the API server keeps them.
//!
//! In: a quantity as people write it. Out: the canonical form, or why it is none. It must not
//! know which field it is of. Rules: the documentation of `resource.Quantity`.

/// What the server says of a text that is no quantity.
pub(super) const WRONG: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/// Decimal suffixes with their power of ten.
const DECIMAL: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

/// How a quantity is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Binary,
    Decimal,
    Exponent,
}

/// The canonical form: no fraction, and the largest suffix that loses nothing. Smaller parts than
/// a billionth are rounded up.
pub(super) fn canonical(text: &str) -> Result<String, &'static str> {
    let (nano, form) = parse(text).ok_or(WRONG)?;
    if nano == 0 {
        return Ok("0".to_owned());
    }
    let whole = nano % BILLION == 0;
    if form == Form::Binary && whole {
        let mut number = nano / BILLION;
        if number.abs() >= 1024 {
            let mut power = 0;
            while number % 1024 == 0 && power + 1 < BINARY.len() {
                number /= 1024;
                power += 1;
            }
            return Ok(format!("{number}{}", BINARY[power]));
        }
        return Ok(number.to_string());
    }
    let (mut number, mut power) = (nano, -9);
    while number % 1000 == 0 && power < 18 {
        number /= 1000;
        power += 3;
    }
    if form == Form::Exponent {
        return Ok(match power {
            0 => number.to_string(),
            power => format!("{number}e{power}"),
        });
    }
    let suffix = DECIMAL.iter().find(|(_, of)| *of == power);
    Ok(format!(
        "{number}{}",
        suffix.map_or("", |(suffix, _)| *suffix)
    ))
}

const BILLION: i128 = 1_000_000_000;

fn parse(text: &str) -> Option<(i128, Form)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    let binary = BINARY
        .iter()
        .skip(1)
        .position(|known| *known == suffix)
        .map(|at| at + 1);
    let (power, factor, form) = if let Some(at) = binary {
        (
            0,
            1024_i128.checked_pow(u32::try_from(at).ok()?)?,
            Form::Binary,
        )
    } else if let Some((_, power)) = DECIMAL.iter().find(|(known, _)| *known == suffix) {
        (*power, 1, Form::Decimal)
    } else {
        let exponent = suffix.strip_prefix(['e', 'E'])?;
        (exponent.parse().ok()?, 1, Form::Exponent)
    };
    let power: i32 = power + 9 - places;
    let scaled = digits.checked_mul(factor)?;
    let nano = if power >= 0 {
        scaled.checked_mul(10_i128.checked_pow(power.unsigned_abs())?)?
    } else {
        let by = 10_i128.checked_pow(power.unsigned_abs())?;
        scaled / by + i128::from(scaled % by != 0)
    };
    let sign = if text.starts_with('-') { -1 } else { 1 };
    Some((sign * nano, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_one_form() {
        for (written, kept) in [
            ("0.1", "100m"),
            ("100m", "100m"),
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("1536Mi", "1536Mi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Gi", "512Mi"),
            ("0.5Ki", "512"),
            ("1000", "1k"),
            ("1024", "1024"),
            ("12e6", "12e6"),
            ("0", "0"),
            ("0Gi", "0"),
            ("-1.5", "-1500m"),
            ("1e3", "1e3"),
            ("2000Ki", "2000Ki"),
            ("10000000k", "10G"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(kept), "{written}");
        }
        for wrong in ["", "1x", "1.2.3", "Gi", "1 Gi", "one", "1e", "--1"] {
            assert_eq!(canonical(wrong), Err(WRONG), "{wrong}");
        }
    }
}
