//! The key by which secrets are sealed, changed while people come and go: the program, in a process of its own.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use server::auth::sealed_by;
use server::config::Config;
use server::keyring::Keyring;
use server::store::Store;
use server::upkeep;

use crate::app::{Caller, DOMAIN, Served, TestApp, jid, within};
use crate::store::Postgres;

/// Who comes and goes. The first of them stay, and talk.
const PEOPLE: usize = 16;
const TALKERS: usize = 6;

fn name(number: usize) -> String {
    format!("person-{number}")
}

/// A file with keys, and the store beside it.
struct Place {
    file: PathBuf,
    url: String,
}

impl Place {
    fn in_folder(folder: &Path, url: String) -> Self {
        let place = Place { file: folder.join("store.key"), url };
        place.write(&[&Keyring::new_key()]);
        place
    }

    /// In one step, as the documentation has it.
    fn write(&self, keys: &[&SecretString]) {
        let lines: String = keys.iter().map(|key| format!("{}\n", key.expose_secret())).collect();
        let next = self.file.with_extension("next");
        std::fs::write(&next, lines).unwrap();
        std::fs::rename(&next, &self.file).unwrap();
    }

    fn keys(&self) -> Vec<SecretString> {
        std::fs::read_to_string(&self.file).unwrap().lines().map(SecretString::from).collect()
    }

    /// Puts a new key before the others, and says which it is.
    fn prepend(&self) -> String {
        let (new, before) = (Keyring::new_key(), self.keys());
        self.write(&std::iter::once(&new).chain(&before).collect::<Vec<_>>());
        id(&new)
    }

    fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("SPARKWEB_STORE__URL", self.url.clone()),
            ("SPARKWEB_STORE__KEY_FILE", self.file.display().to_string()),
            ("SPARKWEB_PUBLIC_URL", "http://localhost:7070".to_owned()),
        ]
    }

    fn config(&self) -> Config {
        let mut config = Config::for_server(DOMAIN, "localhost:1").unwrap();
        config.store.url = Some(SecretString::from(self.url.clone()));
        config.store.key_file = Some(self.file.clone());
        config
    }

    /// What `sparkweb keys seals` says.
    async fn said(&self) -> String {
        upkeep::count_seals(&self.config()).await.unwrap().text
    }
}

fn id(key: &SecretString) -> String {
    Keyring::parse(key).unwrap().ids().remove(0)
}

async fn serve(app: &TestApp, place: &Place) -> Served {
    let settings = place.settings();
    let settings = settings.each_ref().map(|(key, value)| (*key, value.as_str()));
    Served::start_with(app.prosody().c2s_port(), &app.prosody().ca_file(), &settings).await
}

async fn refusal(app: &TestApp, place: &Place) -> String {
    let settings = place.settings();
    let settings = settings.each_ref().map(|(key, value)| (*key, value.as_str()));
    Served::refusal(app.prosody().c2s_port(), &app.prosody().ca_file(), &settings).await
}

/// Waits until nothing is sealed by any key but one.
async fn all_are_sealed_by(store: &Store, key: &str) -> u64 {
    within(format!("everything sealed by {key}"), async {
        loop {
            let counts: BTreeMap<String, u64> = sealed_by(store).await.unwrap();
            if let (1, Some(records)) = (counts.len(), counts.get(key)) {
                return *records;
            }
        }
    })
    .await
}

/// What those know of each other who make the load.
#[derive(Default)]
struct Load {
    arrived: Cell<usize>,
    is_enough: Cell<bool>,
}

/// Talks, or goes and comes again, until it is enough; says how often, and who is signed in then.
async fn keep_going(served: &Served, number: usize, load: &Load) -> (usize, Caller) {
    let mut caller = served.sign_in(&name(number)).await;
    load.arrived.set(load.arrived.get() + 1);
    let mut rounds = 0;
    while !load.is_enough.get() {
        if number < TALKERS {
            caller.send(&name((number + 1) % TALKERS), &format!("{rounds}")).await;
        } else {
            caller.sign_out(true).await;
            caller = served.sign_in(&name(number)).await;
        }
        rounds += 1;
    }
    (rounds, caller)
}

async fn changes_its_sealing_key_under_load(url: String, folder: &Path) {
    let mut app = TestApp::start().await;
    app.stop_prosody().await;
    app.make_accounts(&(0..PEOPLE).map(name).collect::<Vec<_>>());
    app.start_prosody().await;
    let place = Place::in_folder(folder, url);
    let first = place.keys().remove(0);
    let served = serve(&app, &place).await;
    let store = Store::open(&place.url).await.unwrap();

    let load = Load::default();
    let people = join_all((0..PEOPLE).map(|number| keep_going(&served, number, &load)));
    let changing = async {
        within("everybody", async {
            while load.arrived.get() < PEOPLE {
                tokio::task::yield_now().await;
            }
        })
        .await;
        for _ in 0..2 {
            let key = place.prepend();
            served.hang_up().await;
            all_are_sealed_by(&store, &key).await;
        }
        // The keys of before are destroyed.
        let said = place.said().await;
        assert_eq!(said.matches("it can be taken out").count(), 2, "{said}");
        place.write(&[&place.keys()[0]]);
        served.hang_up().await;
        served.logs("this is the key that seals", 3).await;
        load.is_enough.set(true);
    };
    let (people, ()) = tokio::join!(people, changing);
    assert!(people.iter().all(|(rounds, _)| *rounds > 0), "everybody did something meanwhile");

    // Whatever is wrong with the file: nothing changes, and it is said why.
    let key = place.keys().remove(0);
    place.write(&[&first]);
    served.hang_up().await;
    let refused = "the sealing keys stay as they are error=the key ";
    served.logs(&format!("{refused}{} is not among them, which seals ", id(&key)), 1).await;
    std::fs::remove_file(&place.file).unwrap();
    served.hang_up().await;
    served.logs("the sealing keys stay as they are", 2).await;
    assert!(!place.file.exists(), "no key is made where one is lost");
    place.write(&[&key]);
    let newcomer = served.sign_in("juliet").await;
    assert_eq!(newcomer.get("/snapshot").await.status, 200);
    served.stop().await;

    let before = sealed_by(&store).await.unwrap();
    place.write(&[&first]);
    let said = refusal(&app, &place).await;
    assert!(said.contains("can't be opened with the keys that are there"), "{said}");
    assert_eq!(sealed_by(&store).await.unwrap(), before, "it is left as it is");
    let said = place.said().await;
    assert!(said.contains(&format!("{}  ", id(&key))) && said.contains("NOT THERE"), "{said}");

    // Nobody says a password.
    place.write(&[&key]);
    let served = serve(&app, &place).await;
    app.url = format!("http://{}", served.address);
    for (number, (_, caller)) in people.iter().enumerate() {
        let tokens = serde_json::json!({
            "access_token": caller.access_token, "refresh_token": caller.refresh_token,
        });
        let caller = app.caller(&tokens);
        let snapshot = caller.get("/snapshot").await;
        assert_eq!(snapshot.status, 200, "{}", snapshot.body);
        assert_eq!(snapshot.json()["account"]["jid"], jid(&name(number)), "{}", snapshot.body);
    }
    served.stop().await;
    store.close().await;
}

/// S-31: "rotate KEK under load, old key destroyed, all sessions reopen; wrong KEK = clean refusal".
#[tokio::test]
async fn the_sealing_key_is_changed_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    changes_its_sealing_key_under_load(url, folder.path()).await;
}

#[tokio::test]
async fn the_sealing_key_is_changed_under_load_with_postgresql() {
    let (folder, postgres) = (tempfile::tempdir().unwrap(), Postgres::start().await);
    changes_its_sealing_key_under_load(postgres.url().to_owned(), folder.path()).await;
}
