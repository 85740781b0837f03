//! What is written down, and what is counted.

use super::flood::{PER_ADDRESS, PER_PERSON, STRANGERS};
use super::*;
use crate::auth::tests::settings;
use crate::auth::{Came, Scopes, TokenError};
use crate::keyring::Keyring;
use crate::task::OwnedTask;

const NOW: TimestampMs = 1_767_225_600_000;

async fn auth() -> (Auth, Store, OwnedTask<()>) {
    let store = Store::in_memory().await.unwrap();
    let keyring = Keyring::parse(&Keyring::new_key()).unwrap();
    let (auth, writer) = Auth::open(NOW, settings(), store.clone(), keyring).await.unwrap();
    (auth, store, OwnedTask::spawn(writer))
}

fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

fn whence(address: &str) -> Circumstances {
    Circumstances::new(address.parse().unwrap(), "r1".to_owned())
}

/// What was written, the oldest first: kind, who, object, detail, code, whence, by what, how often.
async fn written(auth: &Auth, store: &Store) -> Vec<String> {
    auth.saved().await.unwrap();
    assert!(matches!(store.verify_audit().await.unwrap(), crate::store::AuditVerdict::Whole { .. }));
    let rows = store.audit_from(0, None, None).await.unwrap();
    let show = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    rows.iter()
        .map(|AuditRow { record, .. }| {
            let AuditRecord { kind, jid, object, detail, code, address, amr, count, .. } = record;
            let [jid, object, detail, code, address] = [jid, object, detail, code, address].map(show);
            format!("{kind} {jid} {object} {detail} {code} {address} [{}] {count}", amr.join(" "))
        })
        .collect()
}

#[tokio::test]
async fn what_happens_at_the_door_is_written_down_in_its_order() {
    let (auth, store, _writer) = auth().await;
    let came = Came { session: None, name: "Firefox".to_owned(), ..Came::to_session(&juliet(), 1) };
    let (id, other) = within(whence("192.0.2.1"), async {
        let wrong = Entry::of(&juliet(), Act::SignInRefused(ErrorCode::WrongCredentials));
        auth.audit(NOW, wrong);
        let first = auth.sign_in(NOW, &came);
        let principal = auth.check(NOW, &first.access_token, super::super::Surface::V1, None).unwrap();
        let (listed, _) = auth.make_token(NOW, &principal, "Backup".to_owned(), Scopes::ALL, None);
        assert!(auth.end_own(NOW, &principal, &listed.id) && !auth.end_own(NOW, &principal, &listed.id));
        auth.keep_credential(NOW, &juliet(), &secrecy::SecretString::from("wherefore"), "password");
        assert!(auth.credential(NOW, &juliet(), |_| Some("scram_keys")).await.unwrap().is_some());
        let second = auth.refresh(NOW, &first.refresh_token).unwrap().0;
        auth.refresh(NOW, &second.refresh_token).unwrap();
        let reused = auth.refresh(NOW + 60_000, &first.refresh_token);
        assert_eq!(reused.map(|_| ()), Err(TokenError::Ended));
        (first.id.0, listed.id.0)
    })
    .await;
    auth.end_all(NOW, &juliet());
    auth.forget_credential(NOW, &juliet());
    let lines = written(&auth, &store).await;
    let expected = [
        "sign_in_refused juliet@spark.test - - wrong_credentials 192.0.2.1 [] 1".to_owned(),
        format!("signed_in juliet@spark.test {id} - - 192.0.2.1 [pwd] 1"),
        format!(
            "token_made juliet@spark.test {other} read send presence contacts rooms profile - 192.0.2.1 [pwd] 1"
        ),
        format!("sign_in_ended juliet@spark.test {other} - - 192.0.2.1 [pwd] 1"),
        "credential_kept juliet@spark.test password - - 192.0.2.1 [] 1".to_owned(),
        "credential_used juliet@spark.test scram_keys - - 192.0.2.1 [] 1".to_owned(),
        format!("refresh_reused juliet@spark.test {id} - - 192.0.2.1 [] 1"),
        "sign_ins_ended juliet@spark.test - - - - [] 1".to_owned(),
        "credential_forgotten juliet@spark.test - - - - [] 1".to_owned(),
    ];
    assert_eq!(lines, expected);
    // Nothing by which somebody could come in, or read along.
    let whole: String = store.audit_from(0, None, None).await.unwrap().iter().map(AuditRow::line).collect();
    assert!(!whole.contains("wherefore") && !whole.contains("spark_"));
}

fn refused(name: &str) -> Entry {
    let jid: BareJid = format!("{name}@spark.test").parse().unwrap();
    Entry::of(&jid, Act::SignInRefused(ErrorCode::WrongCredentials))
}

#[tokio::test]
async fn whoever_guesses_all_day_long_is_counted() {
    let (auth, store, _writer) = auth().await;
    within(whence("2001:db8::1"), async {
        for guess in 0..1000 {
            auth.audit(NOW + guess, refused("juliet"));
        }
    })
    .await;
    // The same line, and another name.
    within(whence("2001:db8::2"), async { auth.audit(NOW + 1000, refused("romeo")) }).await;
    assert_eq!(written(&auth, &store).await.len(), PER_ADDRESS as usize);
    auth.sweep(NOW + 2000);
    let lines = written(&auth, &store).await;
    assert_eq!(lines.len(), PER_ADDRESS as usize + 1);
    assert_eq!(lines[10], "sign_in_refused - - - wrong_credentials - [] 991", "what they have in common");
    // A minute later it begins anew.
    within(whence("2001:db8::1"), async { auth.audit(NOW + 60_000, refused("juliet")) }).await;
    assert_eq!(
        written(&auth, &store).await[11],
        "sign_in_refused juliet@spark.test - - wrong_credentials 2001:db8::1 [] 1"
    );
}

#[tokio::test]
async fn whoever_guesses_from_everywhere_is_counted_too() {
    let (auth, store, _writer) = auth().await;
    for guess in 0..1000_u32 {
        let address = IpAddr::from(std::net::Ipv4Addr::from_bits(guess));
        let whence = Circumstances::new(address, guess.to_string());
        within(whence, async { auth.audit(NOW, refused("juliet")) }).await;
    }
    auth.sweep(NOW);
    let lines = written(&auth, &store).await;
    assert_eq!(lines.len(), STRANGERS as usize + 1);
    let counted =
        format!("sign_in_refused juliet@spark.test - - wrong_credentials - [] {}", 1000 - STRANGERS);
    assert_eq!(lines.last(), Some(&counted));
}

#[tokio::test]
async fn what_changes_something_for_good_is_always_written() {
    let (auth, store, _writer) = auth().await;
    let many = PER_PERSON + 10;
    let given = Act::AdminActed { what: "gave".to_owned(), whom: Some(juliet()) };
    let asked = Act::Refused { operation: "GET /a".to_owned(), code: ErrorCode::Forbidden };
    for _ in 0..many {
        auth.audit(NOW, Entry::of(&juliet(), given.clone()));
        auth.audit(NOW, Entry::of(&juliet(), asked.clone()));
    }
    assert_eq!(written(&auth, &store).await.len(), (many + PER_PERSON) as usize);
    auth.sweep(NOW);
    assert_eq!(
        written(&auth, &store).await.last().unwrap(),
        "refused juliet@spark.test GET /a - forbidden - [] 10"
    );
}

#[test]
fn names_that_strangers_choose_are_short() {
    let long = "n".repeat(MAX_STRANGER_BYTES);
    let record = refused(&long).record(NOW, None);
    assert_eq!((record.jid, record.detail), (None, Some(format!("a name of {} bytes", long.len() + 11))));
}

#[test]
fn what_is_logged_is_one_line_of_ascii() {
    let jid: BareJid = "j\u{202e}u\u{e9}\u{1f339}@spark.test".parse().unwrap();
    let json = Entry::of(&jid, Act::AccountMade).record(NOW, None).json();
    let line = ascii(&json);
    assert!(line.contains(r#""jid":"j\u202eu\u00e9\ud83c\udf39@spark.test""#), "{line}");
    assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    let [one, other]: [serde_json::Value; 2] = [&json, &line].map(|text| serde_json::from_str(text).unwrap());
    assert_eq!(one, other);
}
