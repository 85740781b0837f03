//! WCAG 2 contrast, and the proof that the tokens keep it.
//!
//! Only tests need it: what ships is `styles/tokens.css`, which they read.

/// The contrast ratio (WCAG 2.2, 1.4.3) of two colours written `#rrggbb`: 1 to 21.
pub(crate) fn ratio(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(hex: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

/// The token table of `tokens.css`: name, light, dark.
fn tokens() -> Vec<(&'static str, [&'static str; 2])> {
    include_str!("../styles/tokens.css")
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().strip_prefix("--_")?.split_once(':')?;
            let (light, dark) = rest.split_once("light-dark(")?.1.split_once("))")?.0.split_once(',')?;
            Some((name, [light.trim(), dark.trim()]))
        })
        .collect()
}

#[test]
fn known_ratios() {
    for (one, other, expected) in
        [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48)]
    {
        assert!((ratio(one, other) - expected).abs() < 0.01, "{one} on {other}: {}", ratio(one, other));
    }
}

#[test]
fn tokens_keep_their_contrast() {
    const TEXT: f64 = 4.5;
    const CONTROL: f64 = 3.0;
    let surfaces = ["surface", "surface-raised", "surface-sunken"];
    let everywhere = |ink: &'static str, least: f64| surfaces.map(|surface| (ink, surface, least)).to_vec();
    let mut pairs = Vec::new();
    for (ink, least) in [
        ("text", 7.0),
        ("text-muted", TEXT),
        ("accent", TEXT),
        ("positive", TEXT),
        ("warning", TEXT),
        ("danger", TEXT),
        ("focus", CONTROL),
        ("control", CONTROL),
        ("presence-available", CONTROL),
        ("presence-away", CONTROL),
        ("presence-busy", CONTROL),
        ("presence-offline", CONTROL),
    ] {
        pairs.extend(everywhere(ink, least));
    }
    pairs.extend([
        ("text", "accent-soft", 7.0),
        ("text-muted", "accent-soft", TEXT),
        ("accent", "accent-soft", TEXT),
        ("danger", "accent-soft", TEXT),
        ("text-on-accent", "accent", TEXT),
        ("text-on-accent", "danger", TEXT),
        ("focus", "accent-soft", CONTROL),
    ]);
    let table = tokens();
    let colour =
        |name: &str| table.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no {name}")).1;
    let mut weak = String::new();
    for (ink, paper, least) in pairs {
        for theme in [0, 1] {
            let got = ratio(colour(ink)[theme], colour(paper)[theme]);
            if got < least {
                weak += &format!("{ink} on {paper}, {}: {got:.2} < {least}\n", ["light", "dark"][theme]);
            }
        }
    }
    assert!(weak.is_empty(), "\n{weak}");
}
