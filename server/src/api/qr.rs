//! QR codes (ISO/IEC 18004), drawn here: what is in them is nobody else's business.

use qrcode::render::svg;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// The rows from the top, each a digit for each module, `1` for dark, with nothing around.
pub(super) fn rows(text: &str) -> Result<Vec<String>, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let digit = |color: &Color| if *color == Color::Dark { '1' } else { '0' };
    Ok(code.to_colors().chunks(code.width()).map(|row| row.iter().map(digit).collect()).collect())
}

/// As a picture in a URL (RFC 2397), for an `<img>`.
pub(super) fn data_url(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    let encoded = percent_encoding::utf8_percent_encode(&picture, percent_encoding::NON_ALPHANUMERIC);
    Ok(format!("data:image/svg+xml,{encoded}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three finders of every code, and nothing but digits. That readers read it, the tests in the browser see.
    #[test]
    fn a_code_is_square_and_has_its_finders() {
        for text in ["a", &"otpauth://totp/".repeat(12)] {
            let rows = rows(text).unwrap();
            let width = rows.len();
            assert!(rows.iter().all(|row| row.len() == width && row.bytes().all(|one| b"01".contains(&one))));
            for (x, y) in [(0, 0), (width - 7, 0), (0, width - 7)] {
                assert_eq!(&rows[y][x..x + 7], "1111111");
                assert_eq!(&rows[y + 1][x..x + 7], "1000001");
                assert_eq!(&rows[y + 3][x..x + 7], "1011101");
            }
        }
        assert!(data_url("a").unwrap().starts_with("data:image/svg+xml,%3C%3Fxml"));
        assert!(rows(&"a".repeat(4000)).is_err());
    }
}
