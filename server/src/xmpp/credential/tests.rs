//! What is left of what somebody came with.

use super::*;

fn password(text: &str) -> Credential {
    Credential::new(SecretString::from(text))
}

/// RFC 5802 section 5: the exchange of user and pencil.
fn pencil() -> Salt {
    Salt {
        hash: Hash::Sha1,
        salt: b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76".to_vec(),
        iterations: 4096,
    }
}

/// As it is kept, and what is proved with it.
fn shown(credential: &Credential) -> (String, String) {
    let proof = match credential.proof() {
        Some(Salted::No(password)) => password.expose_secret().to_owned(),
        Some(Salted::Yes(salt, key)) => format!("{}: {} bytes", salt.hash.name(), key.len()),
        Some(Salted::Token(_) | Salted::Fast(_)) | None => String::new(),
    };
    let written = credential.written().map(|written| written.expose_secret().to_owned());
    (written.unwrap_or_default(), proof)
}

#[test]
fn all_clones_have_the_next_password() {
    let first = password("a");
    let clone = first.clone();
    first.change(&password("b"));
    assert_eq!(shown(&clone).1, "b");
    first.change(&clone);
    assert_eq!(shown(&first).1, "b");
}

#[test]
fn passwords_are_prepared_and_never_shown() {
    // RFC 4013 section 3.
    for (given, prepared) in
        [("I\u{ad}X", "IX"), ("user", "user"), ("\u{aa}", "a"), ("\u{2168}", "IX"), ("\u{7}", "\u{7}")]
    {
        let credential = password(given);
        assert_eq!(shown(&credential).1, prepared);
        assert_eq!(format!("{credential:?}"), "Credential(_)");
    }
}

#[test]
fn a_password_is_forgotten_once_its_salt_is_seen_to_stay() {
    let credential = password("pencil");
    assert_eq!(shown(&credential).0, r#"{"password":"pencil"}"#);
    credential.salted(pencil());
    assert!(shown(&credential).0.starts_with(r#"{"password":"pencil","salt":{"#));
    // Another one: this server salts anew for everyone who comes.
    credential.salted(Salt { iterations: 5000, ..pencil() });
    assert_eq!(shown(&credential).1, "pencil");
    credential.salted(pencil());
    credential.salted(pencil());
    let (written, proof) = shown(&credential);
    assert_eq!(proof, "SHA-1: 20 bytes");
    assert!(!written.contains("pencil") && written.contains(r#""salted":[29,150,"#), "{written}");
}

#[test]
fn what_was_kept_is_read_again() {
    let credential = password("pencil");
    let mut before = shown(&credential);
    for _ in 0..3 {
        let again = Credential::read_from(&credential.written().unwrap()).unwrap();
        assert_eq!(shown(&again), before);
        assert_eq!(again.way(), credential.way());
        credential.salted(pencil());
        before = shown(&credential);
    }
    for wrong in ["", "{}", "[]", r#"{"salted":[1]}"#, r#"{"password":"a","salted":[1]}"#] {
        assert!(Credential::read_from(&SecretString::from(wrong)).is_none(), "{wrong}");
    }
}

#[test]
fn where_the_gateway_vouches_nothing_is_left_of_a_password() {
    let (credential, clone) = (password("pencil"), password("pencil"));
    clone.change(&credential);
    credential.salted(pencil());
    credential.vouch();
    credential.salted(pencil());
    credential.compare(&clone);
    assert!(credential.written().is_none() && credential.proof().is_none());
    assert_eq!(credential.way(), Way::ServerToken);
    clone.change(&credential);
    assert_eq!(clone.way(), Way::ServerToken);
}

fn token(secret: &str) -> Token {
    let secret = SecretString::from(secret);
    Token { mechanism: Ht::None, secret, expires_at_ms: 7, count: 3, is_last: false }
}

#[test]
fn a_token_takes_the_place_of_a_password_once_it_has_opened_a_session() {
    assert!(!password("pencil").wants_token(), "nobody wants it to be kept");
    let credential = Credential::to_be_kept(SecretString::from("pencil"));
    assert!(credential.wants_token() && !credential.is_kept());
    credential.note_token(token("one"));
    let session = password("of before");
    session.change(&credential);
    credential.note_kept();
    assert!(session.is_kept(), "what the session has is kept, too");
    assert!(credential.is_kept() && !credential.wants_token());
    assert_eq!((credential.way(), shown(&credential).1.as_str()), (Way::Fast, "pencil"));
    assert!(credential.forget_password() && !credential.forget_password());
    credential.note_token(token("two"));
    let (written, proof) = shown(&credential);
    assert_eq!(
        (written.as_str(), proof.as_str()),
        (r#"{"token":{"mechanism":"HT-SHA-256-NONE","secret":"two","expires_at_ms":7}}"#, "")
    );
    let again = Credential::read_from(&SecretString::from(written.clone())).unwrap();
    assert_eq!((shown(&again).0, again.way(), again.is_kept()), (written, Way::Fast, true));
    // Whoever comes with a password again is spared keeping it, if there is a token for it.
    let come = Credential::to_be_kept(SecretString::from("pencil"));
    come.compare(&again);
    assert_eq!(come.way(), Way::Password);
    come.note_token(token("three"));
    come.compare(&again);
    assert!(!shown(&come).0.contains("pencil"));

    let last = again.to_be_revoked().unwrap();
    assert!(last.token().unwrap().is_last && !last.is_kept());
    again.forget_token();
    assert!(again.written().is_none() && again.to_be_revoked().is_none() && !again.has_more());
}

#[test]
fn a_token_that_is_refused_leaves_the_password() {
    let credential = Credential::to_be_kept(SecretString::from("pencil"));
    credential.note_token(token("one"));
    credential.forget_token();
    assert_eq!((credential.way(), shown(&credential).1.as_str()), (Way::Password, "pencil"));
    assert!(!credential.forget_password() && credential.has_more(), "there is nothing else");
}

#[test]
fn whoever_comes_again_shows_whether_the_salt_stays() {
    let (first, again, elsewhere) = (password("pencil"), password("pencil"), password("pencil"));
    first.salted(pencil());
    again.salted(pencil());
    again.compare(&first);
    assert_eq!(shown(&again).1, "SHA-1: 20 bytes");
    elsewhere.salted(Salt { salt: vec![1], ..pencil() });
    elsewhere.compare(&again);
    elsewhere.compare(&password("pencil"));
    assert_eq!(shown(&elsewhere).1, "pencil");
}
