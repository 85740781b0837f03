//! Ceremonies from end to end, with time as an argument.

mod attested;
mod device;
mod maker;
mod vectors;
mod wrong;

use protocol::{CreatedCredential, ShownCredential};
use serde_json::Value;

use self::device::{BACKED_UP, Device, ELIGIBLE, PRESENT, VERIFIED};
use super::*;
use crate::task::OwnedTask;

const NOW: TimestampMs = 1_767_225_600_000;
const PAGE: &str = "https://chat.example.com";
/// A page of another site, which may use passkeys of this one.
const RELATED: &str = "https://example.org";
/// The sign-in that all of them are for.
const OF: &str = "a sign-in";

fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

fn romeo() -> BareJid {
    "romeo@spark.test".parse().unwrap()
}

/// Passkeys in a store, and what writes there.
struct Bench {
    passkeys: Passkeys,
    /// How many were made: each a millisecond after the one before.
    made: std::cell::Cell<TimestampMs>,
    _writer: OwnedTask<()>,
}

impl Bench {
    async fn new() -> Self {
        Bench::on(&Store::in_memory().await.unwrap(), &Keyring::new_key()).await
    }

    async fn on(store: &Store, key: &secrecy::SecretString) -> Self {
        let settings = PasskeySettings {
            public_url: Some(PAGE.to_owned()),
            rp_name: "spark.test".to_owned(),
            origins: vec![RELATED.to_owned()],
            ..PasskeySettings::default()
        };
        Bench::of(&settings, store, key).await
    }

    async fn of(settings: &PasskeySettings, store: &Store, key: &secrecy::SecretString) -> Self {
        let (keeper, writer) = Keeper::new(store.clone());
        let writer = OwnedTask::spawn(writer);
        let keyring = Keyring::parse(key).unwrap();
        let passkeys = Passkeys::open(settings, store, &keyring, Arc::new(keeper)).await.unwrap().unwrap();
        Bench { passkeys, made: std::cell::Cell::new(0), _writer: writer }
    }

    fn enrol(&self, device: &mut Device, jid: &BareJid, name: &str) -> Result<PasskeyInfo, PasskeyError> {
        let asked = self.passkeys.begin_enrolment(NOW, jid, "Somebody", OF)?;
        let made = device.make(&asked, |_| {});
        let at = NOW + self.made.replace(self.made.get() + 1);
        self.passkeys.finish_enrolment(at, jid, OF, &read(&made), name)
    }

    fn sign_in(&self, device: &mut Device, named: Option<&BareJid>) -> Result<Verified, PasskeyError> {
        let asked = self.passkeys.begin_sign_in(NOW + 1, named, OF)?;
        let shown = device.show(&asked, |_| {});
        self.passkeys.finish_sign_in(NOW + 1, OF, &read(&shown))
    }

    fn prove(&self, device: &mut Device, jid: &BareJid) -> Result<Verified, PasskeyError> {
        let asked = self.passkeys.begin_proof(NOW, jid, "a sign-in")?;
        let shown = device.show(&asked, |_| {});
        self.passkeys.finish_proof(NOW, jid, "a sign-in", &read(&shown))
    }
}

/// As it comes from a browser.
fn read<T: serde::de::DeserializeOwned>(sent: &Value) -> T {
    serde_json::from_str(&sent.to_string()).unwrap()
}

fn verified(jid: &BareJid, passkey: &PasskeyInfo) -> Result<Verified, PasskeyError> {
    Ok(Verified { jid: jid.clone(), passkey: passkey.id.clone(), user_verified: true })
}

#[tokio::test]
async fn a_page_of_another_site_that_was_named_uses_the_same_passkeys() {
    let bench = Bench::new().await;
    let mut device = Device::new(RELATED);
    let made = bench.enrol(&mut device, &juliet(), "Computer").unwrap();
    assert_eq!(bench.sign_in(&mut device, None), verified(&juliet(), &made));
    device.origin = PAGE;
    assert_eq!(bench.sign_in(&mut device, None), verified(&juliet(), &made));
    assert_eq!(bench.passkeys.related_origins(), [RELATED]);
}

#[tokio::test]
async fn people_come_in_with_a_passkey_by_name_or_without() {
    let bench = Bench::new().await;
    let (mut telephone, mut computer) = (Device::new(PAGE), Device::new(PAGE));
    telephone.flags |= ELIGIBLE | BACKED_UP;
    let first = bench.enrol(&mut telephone, &juliet(), " Telephone ").unwrap();
    let expected = PasskeyInfo {
        id: first.id.clone(),
        name: "Telephone".to_owned(),
        made_at_ms: NOW,
        used_at_ms: None,
        is_backed_up: true,
        is_blocked: false,
        transports: vec!["internal".to_owned(), "hybrid".to_owned()],
    };
    assert_eq!(first, expected);
    let second = bench.enrol(&mut computer, &juliet(), "Computer").unwrap();
    let his = bench.enrol(&mut computer, &romeo(), "The same computer").unwrap();
    assert_eq!(bench.passkeys.list(&juliet()), [first.clone(), second.clone()]);

    for named in [None, Some(&juliet())] {
        assert_eq!(bench.sign_in(&mut telephone, named), verified(&juliet(), &first));
    }
    assert_eq!(bench.sign_in(&mut computer, Some(&juliet())), verified(&juliet(), &second));
    assert_eq!(bench.sign_in(&mut computer, Some(&romeo())), verified(&romeo(), &his));
    assert_eq!(bench.sign_in(&mut computer, None), verified(&romeo(), &his));
    assert_eq!(bench.prove(&mut computer, &juliet()), verified(&juliet(), &second));
    assert_eq!(bench.passkeys.list(&juliet())[0].used_at_ms, Some(NOW + 1));

    let renamed = bench.passkeys.rename(&juliet(), &second.id, "Laptop").map(|info| info.name);
    assert_eq!(renamed, Ok("Laptop".to_owned()));
    let too_long = "x".repeat(MAX_PASSKEY_NAME_BYTES + 1);
    for name in ["", " ", "a\nb", too_long.as_str()] {
        assert_eq!(bench.passkeys.rename(&juliet(), &second.id, name), Err(PasskeyError::Name), "{name:?}");
    }
    assert_eq!(bench.passkeys.rename(&romeo(), &second.id, "Mine"), Err(PasskeyError::Unknown));
    assert!(!bench.passkeys.remove(&romeo(), &second.id));

    assert!(bench.passkeys.remove(&juliet(), &first.id) && !bench.passkeys.remove(&juliet(), &first.id));
    assert_eq!(bench.sign_in(&mut telephone, None), Err(PasskeyError::Unknown));
    assert_eq!(bench.sign_in(&mut computer, Some(&juliet())), verified(&juliet(), &second));
    bench.passkeys.forget(&romeo());
    assert_eq!(bench.sign_in(&mut computer, None), Err(PasskeyError::Unknown));
    assert_eq!(bench.passkeys.list(&romeo()), []);
}

#[tokio::test]
async fn what_is_asked_for_a_passkey_names_nobody() {
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    bench.enrol(&mut device, &juliet(), "First").unwrap();
    let asked = |jid: &BareJid| {
        let asked = bench.passkeys.begin_enrolment(NOW, jid, "Juliet Capulet", OF).unwrap();
        serde_json::to_value(&asked.public_key).unwrap()
    };
    let options = asked(&juliet());
    assert_eq!(options["rp"], serde_json::json!({ "name": "spark.test", "id": "chat.example.com" }));
    assert_eq!(options["user"]["name"], "juliet@spark.test");
    assert_eq!(options["user"]["displayName"], "Juliet Capulet");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "preferred");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["timeout"], 300_000);
    assert_eq!(options["hints"], Value::Null);
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(device::bytes(&options["user"]["id"]).len(), 16);
    assert_eq!(options["user"]["id"], asked(&juliet())["user"]["id"], "the same for all that they make");
    assert_eq!(asked(&romeo())["user"]["id"], asked(&romeo())["user"]["id"], "the first two side by side");
    assert_ne!(options["user"]["id"], asked(&romeo())["user"]["id"]);
    assert_ne!(options["challenge"], asked(&juliet())["challenge"]);
}

/// OWASP ASVS 6.3.8: the same keys, the same kinds of values, whether somebody has passkeys, has none or is not there.
#[tokio::test]
async fn nobody_is_told_who_is_there() {
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    let made = bench.enrol(&mut device, &juliet(), "First").unwrap();
    let asked = |jid: &BareJid| {
        let asked = bench.passkeys.begin_sign_in(NOW, Some(jid), OF).unwrap();
        serde_json::to_value(&asked.public_key).unwrap()
    };
    let shape = |options: &Value| {
        let mut options = options.clone();
        options["challenge"] = Value::Null;
        let asked = options["allowCredentials"].take();
        let names: Vec<Vec<String>> = asked
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_object().unwrap().keys().cloned().collect())
            .collect();
        (options, names[0].clone())
    };
    let nobody: BareJid = "nobody@spark.test".parse().unwrap();
    for other in [&romeo(), &nobody] {
        assert_eq!(shape(&asked(other)), shape(&asked(&juliet())));
        let ids = |options: Value| options["allowCredentials"].clone();
        assert_eq!(ids(asked(other)), ids(asked(other)), "each time the same");
    }
    // One that is good for nothing any more is not asked for.
    bench.passkeys.remove(&juliet(), &made.id);
    assert_eq!(shape(&asked(&juliet())), shape(&asked(&nobody)));
    // With no name nothing is told at all.
    let asked = bench.passkeys.begin_sign_in(NOW, None, OF).unwrap().public_key;
    assert_eq!(asked.allow_credentials, []);
    assert_eq!(asked.user_verification, "required");
}

#[tokio::test]
async fn a_challenge_is_good_once_for_a_while_and_for_what_it_was_made_for() {
    let bench = Bench::new().await;
    let passkeys = &bench.passkeys;
    let mut device = Device::new(PAGE);
    // An enrolment: late, another person's, twice.
    for (jid, at, expected) in [
        (juliet(), NOW + CEREMONY_MS + 1, Err(PasskeyError::Ceremony)),
        (romeo(), NOW, Err(PasskeyError::Ceremony)),
        (juliet(), NOW + CEREMONY_MS, Ok("Late")),
    ] {
        let asked = passkeys.begin_enrolment(NOW, &juliet(), "", OF).unwrap();
        let made: CreatedCredential = read(&device.make(&asked, |_| {}));
        let finish = || passkeys.finish_enrolment(at, &jid, OF, &made, "Late").map(|info| info.name);
        assert_eq!(finish(), expected.map(str::to_owned), "{jid} {at}");
        assert_eq!(finish(), Err(PasskeyError::Ceremony), "once more");
    }
    // A sign-in: late, twice.
    for (at, is_good) in [(NOW + CEREMONY_MS + 1, false), (NOW + CEREMONY_MS, true)] {
        let asked = passkeys.begin_sign_in(NOW, None, OF).unwrap();
        let shown: ShownCredential = read(&device.show(&asked, |_| {}));
        assert_eq!(passkeys.finish_sign_in(at, OF, &shown).is_ok(), is_good);
        assert_eq!(passkeys.finish_sign_in(NOW, OF, &shown), Err(PasskeyError::Ceremony), "once more");
    }
    // One for the other, another person's, another sign-in's.
    let for_sign_in = || passkeys.begin_sign_in(NOW, Some(&juliet()), OF).unwrap();
    let for_proof = || passkeys.begin_proof(NOW, &juliet(), OF).unwrap();
    for (asked, shown_as) in [
        (for_sign_in(), "a proof of juliet for a sign-in"),
        (for_sign_in(), "another sign-in"),
        (for_proof(), "a sign-in"),
        (for_proof(), "a proof of romeo for a sign-in"),
        (for_proof(), "a proof of juliet for another"),
    ] {
        let shown = read(&device.show(&asked, |_| {}));
        let finished = match shown_as {
            "a sign-in" => passkeys.finish_sign_in(NOW, OF, &shown),
            "another sign-in" => passkeys.finish_sign_in(NOW, "another", &shown),
            "a proof of juliet for a sign-in" => passkeys.finish_proof(NOW, &juliet(), OF, &shown),
            "a proof of romeo for a sign-in" => passkeys.finish_proof(NOW, &romeo(), OF, &shown),
            _ => passkeys.finish_proof(NOW, &juliet(), "another", &shown),
        };
        assert_eq!(finished, Err(PasskeyError::Ceremony), "{shown_as}");
    }
    // Somebody else's passkey is none of hers.
    bench.enrol(&mut device, &romeo(), "His").unwrap();
    let hers = for_sign_in().public_key.challenge;
    let of_romeo = passkeys.begin_sign_in(NOW, Some(&romeo()), OF).unwrap();
    let shown = read(&device.show(&of_romeo, |said| said.client_data["challenge"] = hers.into()));
    assert_eq!(passkeys.finish_sign_in(NOW, OF, &shown), Err(PasskeyError::Unknown));
    let nobody: BareJid = "nobody@spark.test".parse().unwrap();
    assert_eq!(passkeys.begin_proof(NOW, &nobody, "x").map(|_| ()), Err(PasskeyError::Unknown));
}

#[tokio::test]
async fn there_are_so_many_and_no_more() {
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    let last = bench.passkeys.begin_enrolment(NOW, &juliet(), "", OF).unwrap();
    for nth in 0..MAX_PASSKEYS {
        bench.enrol(&mut device, &juliet(), &format!("{nth}")).unwrap();
    }
    assert_eq!(bench.enrol(&mut device, &juliet(), "One more"), Err(PasskeyError::TooMany));
    let made = read(&device.make(&last, |_| {}));
    let late = bench.passkeys.finish_enrolment(NOW, &juliet(), OF, &made, "One more");
    assert_eq!(late, Err(PasskeyError::TooMany));
    // Whoever asks and asks takes nothing from others.
    let hers = bench.passkeys.begin_proof(NOW, &juliet(), "x").unwrap();
    let first = bench.passkeys.begin_enrolment(NOW, &romeo(), "", OF).unwrap();
    let made = read(&device.make(&first, |_| {}));
    for _ in 0..20 {
        bench.passkeys.begin_enrolment(NOW + 1, &romeo(), "", OF).unwrap();
    }
    let of_first = bench.passkeys.finish_enrolment(NOW, &romeo(), OF, &made, "x");
    assert_eq!(of_first, Err(PasskeyError::Ceremony), "ten at once");
    assert_eq!(bench.passkeys.ceremonies.count(), 11);
    let shown = read(&device.show(&hers, |_| {}));
    assert!(bench.passkeys.finish_proof(NOW, &juliet(), "x", &shown).is_ok());
    bench.passkeys.sweep(NOW + CEREMONY_MS + 2);
    assert_eq!(bench.passkeys.ceremonies.count(), 0);
}

/// What is the only factor has checked who holds it. Beside another one it need not, if it never could.
#[tokio::test]
async fn whoever_comes_by_a_passkey_alone_is_verified_by_the_device() {
    let bench = Bench::new().await;
    let (mut plain, mut able) = (Device::new(PAGE), Device::new(PAGE));
    plain.flags = PRESENT;
    let key = bench.enrol(&mut plain, &juliet(), "A key without a PIN").unwrap();
    bench.enrol(&mut able, &romeo(), "Telephone").unwrap();
    assert_eq!(bench.sign_in(&mut plain, None), Err(PasskeyError::NotVerified));
    assert_eq!(bench.sign_in(&mut plain, Some(&juliet())), Err(PasskeyError::NotVerified));
    let proved = bench.prove(&mut plain, &juliet());
    assert_eq!(proved, Ok(Verified { jid: juliet(), passkey: key.id, user_verified: false }));
    able.flags = PRESENT;
    assert_eq!(bench.sign_in(&mut able, None), Err(PasskeyError::NotVerified));
    assert_eq!(bench.prove(&mut able, &romeo()), Err(PasskeyError::NotVerified), "it could");
    able.flags |= VERIFIED;
    assert!(bench.prove(&mut able, &romeo()).is_ok());
}

#[tokio::test]
async fn a_passkey_of_which_there_may_be_a_copy_is_blocked() {
    for (steps, expected) in [
        (&[0, 0, 0][..], Ok(())), // a device that does not count
        (&[1, 5, 1], Ok(())),
        (&[3, 0], Err(PasskeyError::Copied)),
        (&[3, u32::MAX], Err(PasskeyError::Copied)), // one back
    ] {
        let bench = Bench::new().await;
        let mut device = Device::new(PAGE);
        let passkey = bench.enrol(&mut device, &juliet(), "Key").unwrap();
        let mut outcome = Ok(());
        for (nth, step) in steps.iter().enumerate() {
            let asked = if nth % 2 == 0 {
                bench.passkeys.begin_sign_in(NOW, None, OF).unwrap()
            } else {
                bench.passkeys.begin_proof(NOW, &juliet(), "x").unwrap()
            };
            device.step = 0;
            let mut counter = 0;
            let shown = read(&device.show(&asked, |said| {
                said.counter = said.counter.wrapping_add(*step);
                counter = said.counter;
            }));
            device.set_counter(counter);
            outcome = if nth % 2 == 0 {
                bench.passkeys.finish_sign_in(NOW, OF, &shown).map(|_| ())
            } else {
                bench.passkeys.finish_proof(NOW, &juliet(), "x", &shown).map(|_| ())
            };
        }
        assert_eq!(outcome, expected, "{steps:?}");
        if expected.is_ok() {
            continue;
        }
        assert!(bench.passkeys.list(&juliet())[0].is_blocked);
        device.set_counter(1000);
        let asked = bench.passkeys.begin_sign_in(NOW, None, OF).unwrap();
        let shown = read(&device.show(&asked, |_| {}));
        assert_eq!(bench.passkeys.finish_sign_in(NOW, OF, &shown), Err(PasskeyError::Blocked));
        assert_eq!(bench.passkeys.begin_proof(NOW, &juliet(), "x").map(|_| ()), Err(PasskeyError::Unknown));
        assert!(bench.passkeys.remove(&juliet(), &passkey.id));
        bench.enrol(&mut device, &juliet(), "Another").unwrap();
        assert!(bench.sign_in(&mut device, None).is_ok());
    }
}

/// A state that was made when the counter was lower does not make a copy good.
#[tokio::test]
async fn of_two_answers_by_one_counter_one_is_refused() {
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    bench.enrol(&mut device, &juliet(), "Key").unwrap();
    let begun: Vec<_> = (0..2).map(|_| bench.passkeys.begin_proof(NOW, &juliet(), "x").unwrap()).collect();
    let mut outcomes = Vec::new();
    for asked in begun {
        let shown = read(&device.show(&asked, |said| said.counter = 1));
        outcomes.push(bench.passkeys.finish_proof(NOW, &juliet(), "x", &shown).map(|_| ()));
    }
    assert_eq!(outcomes, [Ok(()), Err(PasskeyError::Copied)]);
}

#[tokio::test]
async fn passkeys_outlast_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let key = Keyring::new_key();
    let (mut device, mut lost, mut copied) = (Device::new(PAGE), Device::new(PAGE), Device::new(PAGE));
    let nobody: BareJid = "nobody@spark.test".parse().unwrap();
    let decoys = |bench: &Bench| {
        let options = bench.passkeys.begin_sign_in(NOW, Some(&nobody), OF).unwrap();
        serde_json::to_string(&options.public_key.allow_credentials).unwrap()
    };
    let (kept, made_up) = {
        let store = Store::open(&url).await.unwrap();
        let bench = Bench::on(&store, &key).await;
        bench.enrol(&mut device, &juliet(), "Kept").unwrap();
        let gone = bench.enrol(&mut lost, &juliet(), "Lost").unwrap();
        bench.enrol(&mut copied, &juliet(), "Copied").unwrap();
        bench.enrol(&mut lost, &romeo(), "His").unwrap();
        bench.sign_in(&mut device, None).unwrap();
        bench.sign_in(&mut copied, None).unwrap();
        copied.step = 0;
        assert_eq!(bench.sign_in(&mut copied, None), Err(PasskeyError::Copied));
        bench.passkeys.remove(&juliet(), &gone.id);
        bench.passkeys.forget(&romeo());
        bench.passkeys.keeper.saved().await.unwrap();
        store.close().await;
        (bench.passkeys.list(&juliet()), decoys(&bench))
    };
    let store = Store::open(&url).await.unwrap();
    let bench = Bench::on(&store, &key).await;
    assert_eq!(bench.passkeys.list(&juliet()), kept);
    assert_eq!(kept.iter().map(|info| info.is_blocked).collect::<Vec<_>>(), [false, true]);
    assert_eq!(decoys(&bench), made_up);
    assert_eq!(bench.sign_in(&mut lost, None), Err(PasskeyError::Unknown));
    assert_eq!(bench.sign_in(&mut copied, None), Err(PasskeyError::Blocked));
    assert!(bench.sign_in(&mut device, None).is_ok());
    // The counter was kept too.
    device.step = 0;
    assert_eq!(bench.sign_in(&mut device, None), Err(PasskeyError::Copied));
}

/// A record as it is written today can be read by whatever comes later.
#[tokio::test]
async fn a_record_of_before_is_read() {
    let store = Store::in_memory().await.unwrap();
    let credential = r#"{"cred_id":"AAECAwQFBgcICQoLDA0ODw","cred":{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}}},"counter":7,"transports":["internal","hybrid"],"user_verified":true,"backup_eligible":true,"backup_state":true,"registration_policy":"preferred","extensions":{"cred_protect":"Ignored","hmac_create_secret":"NotRequested","appid":"NotRequested","cred_props":{"Unsigned":{"rk":true}}},"attestation":{"data":"None","metadata":"None"},"attestation_format":"none"}"#;
    let record = crate::store::PasskeyRecord {
        id: "a".to_owned(),
        jid: juliet().as_str().to_owned(),
        name: "Telephone".to_owned(),
        credential: credential.to_owned(),
        made_at_ms: 1,
        used_at_ms: None,
        blocked_at_ms: None,
    };
    store.keep_passkey_handle(juliet().as_str(), "67e55044-10b1-426f-9247-bb680e5fe0c8").await.unwrap();
    store.keep_passkey(&record).await.unwrap();
    let bench = Bench::on(&store, &Keyring::new_key()).await;
    let read = bench.passkeys.list(&juliet());
    assert_eq!(read.len(), 1, "it is not read");
    assert!(read[0].is_backed_up && read[0].transports == ["internal", "hybrid"]);
    // And is written as it was.
    bench.passkeys.rename(&juliet(), &read[0].id, "Telephone").unwrap();
    bench.passkeys.keeper.saved().await.unwrap();
    assert_eq!(store.passkeys().await.unwrap(), [record]);
}
