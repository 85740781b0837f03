//! How a person is drawn when there is no picture of them: initials on a colour of their own.
//!
//! Knows names and addresses. Must never know the DOM or the model.

use sha1::{Digest, Sha1};

use crate::letters::{is_letter, upper};

/// Background and ink of somebody's initials, each a CSS colour for light and dark in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tint {
    /// Behind the initials.
    pub(crate) background: String,
    /// The initials themselves.
    pub(crate) ink: String,
}

/// Saturation and lightness (both 0 to 100) and the most chroma of background and ink: light first, then dark.
/// The bound on chroma keeps greens and yellows, of which sRGB holds most, as quiet as the rest.
///
/// In HSLuv the lightness alone decides the contrast, so one test over these numbers covers every hue.
const PAPER: [(f64, f64, f64); 2] = [(60.0, 89.0, 30.0), (50.0, 31.0, 30.0)];
const INK: [(f64, f64, f64); 2] = [(90.0, 32.0, 60.0), (70.0, 88.0, 45.0)];

/// The colour that belongs to an address, the same in every client that follows XEP-0392.
pub(crate) fn tint(jid: &str) -> Tint {
    let hue = hue(jid);
    let pair = |[light, dark]: [(f64, f64, f64); 2]| {
        format!("light-dark({}, {})", hex(hsluv(hue, light)), hex(hsluv(hue, dark)))
    };
    Tint { background: pair(PAPER), ink: pair(INK) }
}

/// One or two letters to stand for somebody: the first of the first and of the last word of their name.
pub(crate) fn initials(name: &str) -> String {
    let letter = |word: &str| word.chars().find(|c| is_letter(*c));
    let mut letters = name
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | '_' | '-' | '@' | '/'))
        .filter_map(letter);
    let Some(first) = letters.next() else { return "#".to_owned() };
    // Of a letter whose upper case is two, such as ß, the first is enough.
    let capital = |letter: char| upper(letter.encode_utf8(&mut [0; 4])).chars().next();
    [Some(first), letters.next_back()].into_iter().flatten().filter_map(capital).collect()
}

/// The hue angle in degrees (XEP-0392 section 5.1).
fn hue(text: &str) -> f64 {
    let digest = Sha1::digest(text.as_bytes());
    f64::from(u16::from_le_bytes([digest[0], digest[1]])) / 65536.0 * 360.0
}

/// HSLuv to linear-light sRGB to sRGB (XEP-0392 section 5.4; the constants are those of CIELUV under D65).
fn hsluv(hue: f64, (saturation, lightness, most_chroma): (f64, f64, f64)) -> [f64; 3] {
    let chroma = (max_chroma(hue, lightness) * saturation / 100.0).min(most_chroma);
    let (sin, cos) = sin_cos(hue.to_radians());
    let (ref_u, ref_v) = (0.197_830_006_642_837, 0.468_319_994_938_791);
    let u = chroma * cos / (13.0 * lightness) + ref_u;
    let v = chroma * sin / (13.0 * lightness) + ref_v;
    let y = if lightness > 8.0 { ((lightness + 16.0) / 116.0).powi(3) } else { lightness / KAPPA };
    let x = y * 9.0 * u / (4.0 * v);
    let z = y * (12.0 - 3.0 * u - 20.0 * v) / (4.0 * v);
    XYZ_TO_RGB.map(|[a, b, c]| gamma(a * x + b * y + c * z))
}

const KAPPA: f64 = 903.296_296_296_296_3;
const XYZ_TO_RGB: [[f64; 3]; 3] = [
    [3.240_969_941_904_521, -1.537_383_177_570_093, -0.498_610_760_293],
    [-0.969_243_636_280_87, 1.875_967_501_507_72, 0.041_555_057_407_175],
    [0.055_630_079_696_993, -0.203_976_958_888_97, 1.056_971_514_242_878],
];

/// The largest chroma that sRGB holds at this hue and lightness: the nearest of the six lines that bound it.
fn max_chroma(hue: f64, lightness: f64) -> f64 {
    let cube = ((lightness + 16.0) / 116.0).powi(3);
    let y = if cube > 216.0 / 24389.0 { cube } else { lightness / KAPPA };
    let (sin, cos) = sin_cos(hue.to_radians());
    let mut nearest = f64::MAX;
    for [m1, m2, m3] in XYZ_TO_RGB {
        for t in [0.0, 1.0] {
            let top1 = (284_517.0 * m1 - 94_839.0 * m3) * y;
            let top2 = (838_422.0 * m3 + 769_860.0 * m2 + 731_718.0 * m1) * lightness * y
                - 769_860.0 * t * lightness;
            let bottom = (632_260.0 * m3 - 126_452.0 * m2) * y + 126_452.0 * t;
            let length = (top2 / bottom) / (sin - top1 / bottom * cos);
            if length >= 0.0 {
                nearest = nearest.min(length);
            }
        }
    }
    nearest
}

fn gamma(linear: f64) -> f64 {
    let value = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * power(linear, 1.0 / 2.4) - 0.055 };
    value.clamp(0.0, 1.0)
}

/// The browser has these too; here they would have to be brought along.
#[cfg(target_arch = "wasm32")]
fn sin_cos(angle: f64) -> (f64, f64) {
    (js_sys::Math::sin(angle), js_sys::Math::cos(angle))
}

#[cfg(target_arch = "wasm32")]
fn power(base: f64, exponent: f64) -> f64 {
    js_sys::Math::pow(base, exponent)
}

#[cfg(not(target_arch = "wasm32"))]
fn sin_cos(angle: f64) -> (f64, f64) {
    angle.sin_cos()
}

#[cfg(not(target_arch = "wasm32"))]
fn power(base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}

fn hex(rgb: [f64; 3]) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0.0 to 255.0 after the clamp"
    )]
    let [r, g, b] = rgb.map(|part| (part * 255.0).round() as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contrast::ratio;

    #[test]
    fn hues_are_those_of_xep_0392() {
        // Section 7, "Test vectors": text, angle in degrees, sRGB at saturation 100 and lightness 50.
        for (text, angle, rgb) in [
            ("Romeo", 327.255_249, [0.865, 0.000, 0.686]),
            ("juliet@capulet.lit", 209.410_400, [0.000, 0.515, 0.573]),
            ("😺", 331.199_341, [0.872, 0.000, 0.659]),
            ("council", 359.994_507, [0.918, 0.000, 0.394]),
            ("Board", 171.430_664, [0.000, 0.527, 0.457]),
        ] {
            assert!((hue(text) - angle).abs() < 1e-4, "{text}: {}", hue(text));
            let ours = hsluv(hue(text), (100.0, 50.0, f64::MAX));
            for (ours, theirs) in ours.iter().zip(rgb) {
                assert!((ours - theirs).abs() < 0.002, "{text}: {ours:?} for {theirs:?}");
            }
        }
    }

    #[test]
    fn initials_are_readable_on_every_hue() {
        for degrees in 0..360 {
            for theme in [0, 1] {
                let hue = f64::from(degrees);
                let got = ratio(&hex(hsluv(hue, INK[theme])), &hex(hsluv(hue, PAPER[theme])));
                assert!(got >= 4.5, "hue {degrees}, theme {theme}: {got:.2}");
            }
        }
    }

    #[test]
    fn initials_come_from_the_outer_words() {
        for (name, expected) in [
            ("Juliet Capulet", "JC"),
            ("juliet", "J"),
            ("Juliet of the house of Capulet", "JC"),
            ("nurse.angelica", "NA"),
            ("romeo@montague.example", "RE"),
            ("  ~ Friar   Laurence ~ ", "FL"),
            ("李小龍", "李"),
            ("ßorg", "S"),
            ("🌹 Rose", "R"),
            ("🌹", "#"),
            ("", "#"),
            ("Élodie Ñandú", "ÉÑ"),
        ] {
            assert_eq!(initials(name), expected, "{name:?}");
        }
    }
}
