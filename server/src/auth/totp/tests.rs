//! Codes, with time as an argument.

use super::*;

const START: TimestampMs = 1_767_225_600_000;

fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

fn totps() -> Totps {
    let keyring = Keyring::parse(&Keyring::new_key()).unwrap();
    Totps::new(Arc::new(keyring), Arc::new(Keeper::none()), Vec::new())
}

/// What an app shows that has this secret.
fn shown(secret: &str, at_ms: TimestampMs) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(at_ms / 1000).unwrap()).to_string()
}

/// Set up, the code of the step before having confirmed it.
fn set_up() -> (Totps, String, Vec<String>) {
    let totps = totps();
    let new = totps.begin(START - 30_000, &juliet(), "chat.example.com:443").unwrap();
    let codes = totps.confirm(START - 30_000, &juliet(), &shown(&new.secret, START - 30_000)).unwrap();
    (totps, new.secret, codes)
}

/// RFC 6238 appendix B, of SHA-1, the last six of its eight digits.
#[test]
fn codes_are_those_of_the_standard() {
    for (secs, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        let step = step_of(b"12345678901234567890", secs * 1000, code).unwrap();
        assert_eq!(step, Some(u64::try_from(secs).unwrap() / 30), "{secs}");
    }
}

#[test]
fn an_app_counts_once_it_has_shown_a_code() {
    let totps = totps();
    let code = |secret: &str| shown(secret, START);
    assert_eq!(totps.confirm(START, &juliet(), "000000"), Err(CodeError::NotSetUp));
    let new = totps.begin(START, &juliet(), "chat.example.com:443").unwrap();
    assert_eq!(
        new.uri,
        format!(
            "otpauth://totp/chat.example.com%20443:juliet%40spark.test?secret={}&issuer=chat.example.com%20443",
            new.secret
        )
    );
    assert_eq!(totps.status(&juliet()), None);
    assert_eq!(totps.check(START, &juliet(), CodeKind::Totp, &code(&new.secret)), Err(CodeError::NotSetUp));
    let late = totps.confirm(START + 600_001, &juliet(), &code(&new.secret));
    assert_eq!(late, Err(CodeError::NotSetUp));
    let codes = totps.confirm(START, &juliet(), &code(&new.secret)).unwrap();
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), RECOVERY_CODES);
    assert_eq!(totps.status(&juliet()), Some(TotpStatus { made_at_ms: START, recovery_codes: 10 }));
    // Another one takes its place only when it is confirmed.
    let other = totps.begin(START, &juliet(), "x").unwrap();
    assert_eq!(
        totps.check(START + 30_000, &juliet(), CodeKind::Totp, &shown(&new.secret, START + 30_000)),
        Ok(())
    );
    for _ in 0..MAX_WRONG {
        assert_eq!(totps.confirm(START, &juliet(), "12345"), Err(CodeError::Wrong));
    }
    assert_eq!(totps.confirm(START, &juliet(), &code(&other.secret)), Err(CodeError::NotSetUp));
}

#[test]
fn each_step_is_good_once_and_its_neighbours_with_it() {
    let (totps, secret, _) = set_up();
    for (code_of, at, expected) in [
        (START - 30_000, START, Err(CodeError::Wrong)), // it confirmed
        (START + 60_000, START, Err(CodeError::Wrong)), // two steps ahead
        (START, START + 29_999, Ok(())),
        (START, START + 29_999, Err(CodeError::Wrong)), // once more
        (START + 60_000, START + 30_000, Ok(())),       // a clock that is ahead
        (START + 30_000, START + 30_000, Err(CodeError::Wrong)), // before the last that was taken
    ] {
        assert_eq!(
            totps.check(at, &juliet(), CodeKind::Totp, &shown(&secret, code_of)),
            expected,
            "{code_of} at {at}"
        );
    }
}

#[test]
fn guessing_is_slow() {
    let (totps, secret, recovery) = set_up();
    let wrong = if shown(&secret, START) == "000000" { "111111" } else { "000000" };
    for guess in [wrong, "", "12345", "ABCD-EFGH-JKLM-NPQR", "\u{0}"] {
        assert_eq!(totps.check(START, &juliet(), CodeKind::Totp, guess), Err(CodeError::Wrong), "{guess}");
    }
    for (kind, code) in [(CodeKind::Totp, &shown(&secret, START)), (CodeKind::Recovery, &recovery[0])] {
        assert_eq!(
            totps.check(START, &juliet(), kind, code),
            Err(CodeError::TooMany { retry_after_secs: 301 })
        );
    }
    let later = START + WRONG_WINDOW_MS;
    assert_eq!(totps.check(later, &juliet(), CodeKind::Totp, &shown(&secret, later)), Ok(()));
}

#[test]
fn a_recovery_code_is_good_once_however_it_is_written() {
    let (totps, _, codes) = set_up();
    let recover = |code: &str| totps.check(START, &juliet(), CodeKind::Recovery, code);
    assert_eq!(recover(&codes[0]), Ok(()));
    assert_eq!(recover(&codes[0]), Err(CodeError::Wrong));
    let written = codes[1].to_lowercase().replace('-', " ");
    assert_eq!(recover(&written), Ok(()));
    assert!(totps.remove(&juliet()) && !totps.remove(&juliet()));
    assert_eq!(recover(&codes[2]), Err(CodeError::NotSetUp));
}
