//! What is given for a token, and where it is taken, with time as an argument.

use protocol::BareJid;

use super::*;
use crate::auth::tests::settings;
use crate::auth::{AuthSettings, Came, Given, Opens, Surface};

const NOW: TimestampMs = 1_767_225_600_000;
const SITE: &str = "https://www.example.com";
const DEN: &str = "den@rooms.spark.test";

fn auth() -> Auth {
    Auth::new(AuthSettings { scopes: Scopes::EVERYTHING, ..settings() }).unwrap()
}

fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

/// Somebody who has just come in.
fn principal(auth: &Auth) -> Principal {
    let sign_in = auth.sign_in(NOW, &Came::to_session(&juliet(), 1));
    auth.check(NOW, &sign_in.access_token, Surface::V1, None).unwrap()
}

fn ids(conversations: &[&str]) -> Vec<ConversationId> {
    conversations.iter().map(|text| text.parse().unwrap()).collect()
}

fn scopes(words: &str) -> Option<Scopes> {
    Some(Scopes::from_words(words))
}

/// What is given for a token, and who comes with it.
fn traded(auth: &Auth, principal: &Principal, wanted: Wanted) -> (ExchangedToken, Principal) {
    let origin = wanted.origin.clone().or_else(|| principal.bounds.as_ref()?.origin.clone());
    let exchanged = auth.exchange(NOW, principal, wanted).unwrap();
    let principal = auth.check(NOW, &exchanged.access_token, Surface::V1, origin.as_deref()).unwrap();
    (exchanged, principal)
}

#[test]
fn a_token_allows_some_of_what_another_does() {
    let auth = auth();
    let wide = principal(&auth);
    let script = auth.make_token(NOW, &wide, "Backup".to_owned(), Scopes::from_words("read rooms"), None).1;
    let script = auth.check(NOW, &script, Surface::V1, None).unwrap();
    for (subject, wanted, expected) in [
        (&wide, None, Ok("read send")),
        (&wide, scopes("read"), Ok("read")),
        (
            &wide,
            scopes("read send presence contacts rooms profile raw"),
            Ok("read send presence contacts rooms profile raw"),
        ),
        (&wide, scopes(""), Err(ExchangeError::Scope)),
        (&wide, scopes("read sign-ins"), Err(ExchangeError::Scope)),
        (&wide, scopes("account"), Err(ExchangeError::Scope)),
        (&wide, scopes("admin"), Err(ExchangeError::Scope)),
        (&script, None, Ok("read")),
        (&script, scopes("rooms"), Ok("rooms")),
        (&script, scopes("read send"), Err(ExchangeError::Scope)),
    ] {
        let wanted = Wanted { scopes: wanted, ..Wanted::default() };
        let given = auth.exchange(NOW, subject, wanted);
        let words = given.as_ref().map(|given| given.scope.as_str()).map_err(|error| *error);
        assert_eq!(words, expected);
        if let Ok(given) = given {
            let who = auth.check(NOW, &given.access_token, Surface::V1, None).unwrap();
            assert_eq!((who.scopes.to_words(), who.jid), (given.scope, juliet()));
        }
    }
    // What is taken from the person is taken from every token of theirs.
    let (given, _) = traded(&auth, &wide, Wanted::default());
    let deny = Scopes::from_words("send");
    auth.entitle(&juliet(), Some(Given { deny, ..Given::NOTHING }));
    let who = auth.check(NOW, &given.access_token, Surface::V1, None).unwrap();
    assert_eq!(who.scopes.to_words(), "read");
}

#[test]
fn a_token_is_taken_where_it_is_for() {
    let auth = auth();
    let wide = principal(&auth);
    let wanted = Wanted { origin: Some(SITE.to_owned()), ..Wanted::default() };
    let token = auth.exchange(NOW, &wide, wanted).unwrap().access_token;
    let check = |surface, origin| auth.check(NOW, &token, surface, origin).map(|who| who.jid);
    assert_eq!(check(Surface::V1, Some(SITE)), Ok(juliet()));
    for origin in [None, Some("null"), Some("https://evil.example"), Some("https://www.example.com/")] {
        assert_eq!(check(Surface::V1, origin), Err(TokenError::Elsewhere), "{origin:?}");
    }
    assert_eq!(check(Surface::Compat, Some(SITE)), Err(TokenError::Foreign));
    // A browser's own stream comes from there too: that it may say no origin is for tokens which are for none.
    let who = auth.check(NOW, &token, Surface::V1, Some(SITE)).unwrap();
    for (origin, expected) in [(Some(SITE), Ok(juliet())), (None, Err(TokenError::Elsewhere))] {
        let (ticket, _) = auth.give_ticket(NOW, &who, Opens::Events, Some(SITE));
        assert_eq!(auth.redeem_ticket(NOW, &ticket, &Opens::Events, origin).map(|who| who.jid), expected);
    }
    for text in ["null", "*", "www.example.com", "https://www.example.com/", "https://*.example.com", ""] {
        let wanted = Wanted { origin: Some(text.to_owned()), ..Wanted::default() };
        assert_eq!(auth.exchange(NOW, &wide, wanted).map(drop), Err(ExchangeError::NoOrigin), "{text}");
    }
}

#[test]
fn what_is_narrow_becomes_no_wider() {
    let auth = auth();
    let wide = principal(&auth);
    let wanted = Wanted {
        scopes: scopes("read"),
        conversations: ids(&[DEN, "romeo@spark.test"]),
        origin: Some(SITE.to_owned()),
        secs: Some(600),
    };
    let (given, narrow) = traded(&auth, &wide, wanted);
    assert_eq!(given.expires_in, 600);
    let send = Wanted { scopes: scopes("read send"), ..Wanted::default() };
    assert_eq!(auth.exchange(NOW, &narrow, send).map(drop), Err(ExchangeError::Scope));
    let nurse = Wanted { conversations: ids(&[DEN, "nurse@spark.test"]), ..Wanted::default() };
    assert_eq!(auth.exchange(NOW, &narrow, nurse).map(drop), Err(ExchangeError::Conversation));
    let other = Wanted { origin: Some("https://other.example".to_owned()), ..Wanted::default() };
    assert_eq!(auth.exchange(NOW, &narrow, other).map(drop), Err(ExchangeError::Origin));
    // What is not said stays as it was, and what is may be less.
    let (again, same) = traded(&auth, &narrow, Wanted { secs: Some(43_200), ..Wanted::default() });
    assert_eq!((again.expires_in, &same.bounds, same.scopes), (600, &narrow.bounds, narrow.scopes));
    let (_, one) = traded(&auth, &narrow, Wanted { conversations: ids(&[DEN]), ..Wanted::default() });
    assert_eq!(one.bounds.unwrap().conversations, ids(&[DEN]));
    // One that is bound by nothing is no longer good for what an access token is good for, and not for longer either.
    let (_, unbound) = traded(&auth, &wide, Wanted { secs: Some(60), ..Wanted::default() });
    let (longer, _) = traded(&auth, &unbound, Wanted { secs: Some(43_200), ..Wanted::default() });
    assert_eq!(longer.expires_in, 60);
}

#[test]
fn a_token_is_for_so_many_conversations() {
    let auth = auth();
    let wide = principal(&auth);
    let many = |count: usize, length: usize| {
        let name = "n".repeat(length);
        let conversations = (0..count).map(|n| format!("{name}{n:02}@a").parse().unwrap()).collect();
        let wanted = Wanted { conversations, ..Wanted::default() };
        auth.exchange(NOW, &wide, wanted).map(|given| given.access_token.len())
    };
    assert!(many(20, 4).is_ok());
    assert_eq!(many(21, 4), Err(ExchangeError::TooMany));
    assert!(many(3, 1019).unwrap() < 6_000, "it goes into a header");
    assert_eq!(many(4, 1019), Err(ExchangeError::TooMany));
    let twice = Wanted { conversations: ids(&[DEN, DEN]), ..Wanted::default() };
    assert_eq!(traded(&auth, &wide, twice).1.bounds.unwrap().conversations, ids(&[DEN]));
}

#[test]
fn a_token_ends_in_time_and_with_its_sign_in() {
    let auth = auth();
    let wide = principal(&auth);
    for (secs, expected) in [(None, Ok(900)), (Some(1), Ok(1)), (Some(43_200), Ok(43_200))]
        .into_iter()
        .chain([Some(0), Some(43_201)].map(|secs| (secs, Err(ExchangeError::Life))))
    {
        let given = auth.exchange(NOW, &wide, Wanted { secs, ..Wanted::default() });
        assert_eq!(given.as_ref().map(|given| given.expires_in).map_err(|error| *error), expected);
        if let Ok(given) = given {
            let check = |at| auth.check(at, &given.access_token, Surface::V1, None).map(drop);
            let end = NOW + i64::from(given.expires_in) * 1000;
            assert_eq!(check(end), Ok(()));
            assert_eq!(check(end + 6_000), Err(TokenError::Expired));
        }
    }
    // A token for a script that is about to end.
    let until = Some(NOW + 5_000);
    let script = auth.make_token(NOW, &wide, "Backup".to_owned(), Scopes::from_words("read"), until).1;
    let script = auth.check(NOW, &script, Surface::V1, None).unwrap();
    assert_eq!(traded(&auth, &script, Wanted::default()).0.expires_in, 5);

    let (given, narrow) = traded(&auth, &wide, Wanted::default());
    assert_eq!((&given.id, &narrow.sign_in), (&wide.sign_in, &wide.sign_in));
    assert!(!narrow.ended.is_cancelled());
    auth.sign_out(NOW, &wide);
    assert!(narrow.ended.is_cancelled(), "what is open for it closes");
    let check = auth.check(NOW, &given.access_token, Surface::V1, None).map(drop);
    assert_eq!(check, Err(TokenError::Ended));
    assert_eq!(
        auth.exchange(NOW, &narrow, Wanted::default()).map(drop),
        Err(ExchangeError::Token(TokenError::Ended))
    );
}
