//! Sign-ins by themselves, and with the store behind them.

use super::*;
use crate::store::Store;
use crate::task::OwnedTask;

const LONGEST: Duration = Duration::from_secs(300);

fn came(session: Option<u64>) -> Came {
    Came {
        jid: "juliet@spark.test".parse().unwrap(),
        session,
        name: "Firefox".to_owned(),
        address: Some("192.0.2.1".parse().unwrap()),
        origin: None,
        shown: Shown::PASSWORD,
    }
}

fn begun() -> (SignIns, SignInId, String) {
    let sign_ins = SignIns::new(Duration::from_secs(60), LONGEST, Arc::new(Keeper::none()), Vec::new());
    let (id, token) = sign_ins.begin(0, &came(Some(1)), Kind::V1, Scopes::ALL, None);
    (sign_ins, id, token)
}

#[test]
fn a_refresh_token_is_good_once() {
    let (sign_ins, id, first) = begun();
    let ended = sign_ins.touch(0, &id).unwrap().ended;
    let second = sign_ins.rotate(1000, &first).unwrap().next;
    assert_ne!(first, second);
    let third = sign_ins.rotate(30_000, &second).unwrap().next;
    assert!(!ended.is_cancelled());
    // Spent, and long ago: whoever holds it is not alone.
    let reused = Unrotated::Reused { jid: came(None).jid, id };
    assert_eq!(sign_ins.rotate(31_000, &first).map(|_| ()), Err(reused));
    assert!(ended.is_cancelled());
    assert_eq!(sign_ins.rotate(31_000, &third).map(|_| ()), Err(TokenError::Ended.into()));
}

#[test]
fn an_answer_that_was_lost_can_be_asked_for_again() {
    let (sign_ins, _, first) = begun();
    sign_ins.rotate(1000, &first).unwrap();
    let again = sign_ins.rotate(1000 + GRACE_MS, &first).unwrap().next;
    assert!(sign_ins.rotate(20_000, &again).is_ok());
}

#[test]
fn what_nobody_uses_runs_out() {
    let (sign_ins, id, token) = begun();
    assert_eq!(sign_ins.rotate(60_001, &token).map(|_| ()), Err(TokenError::Expired.into()));
    sign_ins.sweep(60_001);
    assert!(sign_ins.touch(60_001, &id).is_none());
}

/// S-5, ASVS 10.4.8. A token for scripts has an end of its own.
#[test]
fn what_is_used_all_the_time_ends_too() {
    let (sign_ins, id, mut token) = begun();
    let (other, first) = sign_ins.begin(0, &came(None), Kind::V1, Scopes::ALL, None);
    let cookie = sign_ins.put_into_cookie(0, &other).unwrap();
    let (script, _) = sign_ins.begin(0, &came(None), Kind::Token, Scopes::ALL, None);
    let ended = sign_ins.touch(0, &id).unwrap().ended;
    for at_ms in (0..=300_000).step_by(50_000) {
        token = sign_ins.rotate(at_ms, &token).unwrap().next;
        assert!(sign_ins.by_cookie(at_ms, &cookie).is_ok(), "{at_ms}");
        sign_ins.sweep(at_ms);
    }
    assert_eq!(sign_ins.rotate(300_001, &token).map(drop), Err(TokenError::Expired.into()));
    assert_eq!(sign_ins.by_cookie(300_001, &cookie).map(drop), Err(TokenError::Expired));
    sign_ins.sweep(300_001);
    assert!(ended.is_cancelled(), "its streams end");
    assert_eq!(sign_ins.rotate(300_001, &first).map(drop), Err(TokenError::Ended.into()));
    assert!(sign_ins.touch(300_001, &script).is_some());
}

#[test]
fn made_up_tokens_are_refused() {
    let (sign_ins, id, refresh) = begun();
    for (token, expected) in
        [("", TokenError::Foreign), ("x", TokenError::Foreign), ("x.y", TokenError::Ended)]
    {
        assert_eq!(sign_ins.rotate(0, token).map(|_| ()), Err(expected.into()), "{token}");
        assert_eq!(sign_ins.by_secret(0, token).map(|_| ()), Err(expected), "{token}");
    }
    // A refresh token is no token for scripts, and the other way round.
    assert_eq!(sign_ins.by_secret(0, &refresh).map(|_| ()), Err(TokenError::Ended));
    let (_, script) = sign_ins.begin(0, &came(None), Kind::Token, Scopes::ALL, None);
    assert_eq!(sign_ins.rotate(0, &script).map(|_| ()), Err(TokenError::Foreign.into()));
    assert!(sign_ins.touch(0, &id).is_some());
}

#[test]
fn a_token_for_scripts_is_good_until_it_runs_out_or_ends() {
    let (sign_ins, ..) = begun();
    let read = Scopes::from_words("read");
    let (id, token) = sign_ins.begin(0, &came(None), Kind::Token, read, Some(100_000));
    // Nobody need use it meanwhile.
    sign_ins.sweep(90_000);
    let (found, touched) = sign_ins.by_secret(100_000, &token).unwrap();
    assert_eq!((found, touched.scopes, touched.session), (id.clone(), read, None));
    assert_eq!(sign_ins.by_secret(100_001, &token).map(|_| ()), Err(TokenError::Expired));
    assert!(sign_ins.end(&id) && touched.ended.is_cancelled() && !sign_ins.end(&id));
    assert_eq!(sign_ins.by_secret(0, &token).map(|_| ()), Err(TokenError::Ended));
}

#[test]
fn a_person_has_so_many_and_no_more() {
    let (sign_ins, first, _) = begun();
    for at in 1..=MAX_PER_PERSON {
        sign_ins.begin(i64::try_from(at).unwrap(), &came(None), Kind::V1, Scopes::ALL, None);
    }
    let listed = sign_ins.of(&came(None).jid);
    assert_eq!(listed.len(), MAX_PER_PERSON);
    assert!(listed.is_sorted_by(|a, b| a.began_at_ms > b.began_at_ms));
    assert!(sign_ins.touch(0, &first).is_none(), "the one used longest ago");
}

/// Another process with the same store.
async fn again(store: &Store, refresh: Duration) -> SignIns {
    SignIns::new(refresh, LONGEST, Arc::new(Keeper::none()), store.sign_ins().await.unwrap())
}

#[tokio::test]
async fn what_is_kept_is_there_after_a_restart_as_it_was() {
    let refresh = Duration::from_secs(60);
    let store = Store::in_memory().await.unwrap();
    let (keeper, writer) = Keeper::new(store.clone());
    let writer = OwnedTask::spawn(writer);
    let sign_ins = SignIns::new(refresh, LONGEST, Arc::new(keeper), Vec::new());
    let (id, first) = sign_ins.begin(0, &came(None), Kind::V1, Scopes::ALL, None);
    let read = Scopes::from_words("read");
    let (_, script) = sign_ins.begin(0, &came(None), Kind::Token, read, Some(70_000));
    // For one session alone, which ends with the process.
    let (bound, _) = sign_ins.begin(0, &came(Some(1)), Kind::V1, Scopes::ALL, None);
    let second = sign_ins.rotate(1000, &first).unwrap().next;
    sign_ins.touch(50_000, &id).unwrap();
    sign_ins.note_address(&id, "192.0.2.2".parse().unwrap());
    sign_ins.sweep(50_000);
    sign_ins.keeper.saved().await.unwrap();

    let after = again(&store, refresh).await;
    let mut before = sign_ins.of(&came(None).jid);
    before.retain(|listed| listed.id != bound);
    assert_eq!(after.of(&came(None).jid), before);
    assert_eq!(after.by_secret(60_000, &script).map(|(_, touched)| touched.scopes), Ok(read));
    assert_eq!(after.by_secret(70_001, &script).map(|_| ()), Err(TokenError::Expired));
    assert!(after.rotate(100_000, &second).is_ok());
    // A token that was spent before the restart ends the sign-in after it too.
    let after = again(&store, refresh).await;
    assert!(matches!(after.rotate(60_000, &first), Err(Unrotated::Reused { .. })));

    // What was ended stays ended.
    sign_ins.end_all(&came(None).jid);
    sign_ins.keeper.saved().await.unwrap();
    assert!(again(&store, refresh).await.of(&came(None).jid).is_empty());
    drop(sign_ins);
    writer.await.unwrap();
}
