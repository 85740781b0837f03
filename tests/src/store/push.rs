//! Devices and the outbox of pushes.

use server::store::{
    PushChange, PushClaim, PushDeviceRecord, PushEnd, PushKeyRecord, PushPosition, PushPut, PushSettled,
    Store,
};

const JULIET: &str = "juliet@spark.test";
const HOST: &str = "push.example";

fn device(id: &str, jid: &str, made_at_ms: i64) -> PushDeviceRecord {
    PushDeviceRecord {
        id: id.to_owned(),
        jid: jid.to_owned(),
        sign_in: None,
        name: "Firefox".to_owned(),
        form: "v1".to_owned(),
        key_id: "key".to_owned(),
        host: HOST.to_owned(),
        endpoint_hash: format!("hash of {id}"),
        sealed: "sealed".to_owned(),
        may_act: true,
        made_at_ms,
        seen_at_ms: made_at_ms,
        pushed_at_ms: None,
        refused_at_ms: None,
    }
}

fn put(device: &str, topic: &str, about: &str, due_at_ms: i64) -> PushPut {
    PushPut {
        device: device.to_owned(),
        topic: topic.to_owned(),
        host: HOST.to_owned(),
        kind: "message".to_owned(),
        about: about.to_owned(),
        sealed: format!("sealed {about}"),
        due_at_ms,
        pause_ms: 10,
        expires_at_ms: 1_000_000,
        once: false,
    }
}

fn withdraw(device: &str, topic: &str, about: Option<&str>, tells: bool) -> PushChange {
    PushChange::Withdraw {
        device: device.to_owned(),
        topic: topic.to_owned(),
        about: about.map(str::to_owned),
        tell_until_ms: tells.then_some(1_000_000),
    }
}

async fn note(store: &Store, now_ms: i64, changes: &[PushChange]) {
    store.note_pushes(now_ms, JULIET, &[], changes).await.unwrap();
}

/// What is due, in short.
async fn due(store: &Store, now_ms: i64, until_ms: i64) -> Vec<(String, String, i64, i64)> {
    let claims = store.claim_pushes(now_ms, HOST, 100, until_ms).await.unwrap();
    claims.into_iter().map(|claim| (claim.topic, claim.sealed, claim.count, claim.version)).collect()
}

fn row(topic: &str, sealed: &str, count: i64, version: i64) -> (String, String, i64, i64) {
    (topic.to_owned(), sealed.to_owned(), count, version)
}

async fn settle(store: &Store, topic: &str, version: i64, end: PushEnd) -> u64 {
    let (device, topic) = ("a".to_owned(), topic.to_owned());
    store.settle_pushes(&[PushSettled { device, topic, version, end }]).await.unwrap()
}

pub(super) async fn keeps_devices(store: &Store) {
    let key = |id: &str, made_at_ms| PushKeyRecord {
        id: id.to_owned(),
        public_key: "public".to_owned(),
        sealed: "sealed".to_owned(),
        made_at_ms,
    };
    for key in [key("key", 1), key("unused", 2), key("new", 3)] {
        store.keep_push_key(&key).await.unwrap();
    }
    for record in [device("a", JULIET, 1), device("b", JULIET, 2), device("c", "romeo@spark.test", 3)] {
        store.keep_push_device(&record, 20).await.unwrap();
    }
    assert_eq!(store.push_devices(JULIET).await.unwrap(), [device("b", JULIET, 2), device("a", JULIET, 1)]);
    assert_eq!(store.forget_unused_push_keys().await.unwrap(), 1);
    let keys: Vec<String> = store.push_keys().await.unwrap().into_iter().map(|key| key.id).collect();
    assert_eq!(keys, ["new", "key"]);
    // The same address is the same device, whoever has it now.
    let taken =
        PushDeviceRecord { endpoint_hash: "hash of a".to_owned(), ..device("d", "nurse@spark.test", 4) };
    store.keep_push_device(&taken, 20).await.unwrap();
    assert_eq!(store.push_device("a").await.unwrap(), None);
    // Of too many, the one that was there longest ago goes.
    for (id, at_ms) in [("e", 5), ("f", 6)] {
        store.keep_push_device(&device(id, JULIET, at_ms), 2).await.unwrap();
    }
    store.note_push_visit(JULIET, 9).await.unwrap();
    store.note_push_visit(JULIET, 8).await.unwrap();
    let people = store.push_people().await.unwrap();
    let expected = [(JULIET, 9), ("nurse@spark.test", 4), ("romeo@spark.test", 3)];
    assert_eq!(people, expected.map(|(jid, at_ms)| (jid.to_owned(), at_ms)));
    assert_eq!(store.push_devices(JULIET).await.unwrap().len(), 2);
    assert!(!store.forget_push_device("romeo@spark.test", "e").await.unwrap(), "it is another's");
    assert!(store.forget_push_device(JULIET, "e").await.unwrap());
    // Whose sign-in is no more has none.
    let bound = PushDeviceRecord { sign_in: Some("gone".to_owned()), ..device("g", JULIET, 7) };
    for end in [true, false] {
        store.keep_push_device(&bound, 20).await.unwrap();
        if end {
            store.forget_sign_ins(&["gone".to_owned()]).await.unwrap();
        } else {
            assert_eq!(store.forget_orphaned_push_devices().await.unwrap(), 1);
        }
        assert_eq!(store.push_device("g").await.unwrap(), None);
    }
    assert_eq!(store.push_settings(JULIET).await.unwrap(), None);
    for settings in ["{}", r#"{"shows":"sender"}"#] {
        store.keep_push_settings(JULIET, settings).await.unwrap();
        assert_eq!(store.push_settings(JULIET).await.unwrap().as_deref(), Some(settings));
    }
    for jid in [JULIET, "romeo@spark.test", "nurse@spark.test"] {
        store.forget_pushes(jid).await.unwrap();
    }
    assert_eq!(store.push_people().await.unwrap(), []);
    assert_eq!(store.push_settings(JULIET).await.unwrap(), None);

    assert!(store.spend_push_act("token", 10).await.unwrap());
    assert!(!store.spend_push_act("token", 10).await.unwrap(), "once");
    store.unspend_push_act("token").await.unwrap();
    assert!(store.spend_push_act("token", 10).await.unwrap());
    store.sweep_pushes(11, 0).await.unwrap();
    assert!(store.spend_push_act("token", 10).await.unwrap(), "it has run out, and is not remembered");
}

pub(super) async fn keeps_what_is_to_be_pushed(store: &Store) {
    store.keep_push_device(&device("a", JULIET, 1), 20).await.unwrap();
    let position = |archive: &str, entry: Option<&str>, at_ms| PushPosition {
        archive: archive.to_owned(),
        entry: entry.map(str::to_owned),
        at_ms,
    };
    for positions in [
        vec![position("den@rooms", Some("r1"), 5), position(JULIET, Some("a1"), 6)],
        vec![position(JULIET, None, 7)],
    ] {
        store.note_pushes(0, JULIET, &positions, &[]).await.unwrap();
    }
    let expected = [position("den@rooms", Some("r1"), 5), position(JULIET, None, 7)];
    assert_eq!(store.push_positions(JULIET).await.unwrap(), expected);

    // A burst is one push, at the time of the first, with what came last.
    note(
        store,
        0,
        &[PushChange::Put(put("a", "romeo", "m1", 100)), PushChange::Put(put("a", "romeo", "m2", 150))],
    )
    .await;
    // What is for no device is nothing.
    note(store, 0, &[PushChange::Put(put("nobody", "romeo", "m1", 0))]).await;
    assert_eq!(store.push_hosts().await.unwrap(), [(HOST.to_owned(), 100)]);
    assert_eq!(due(store, 99, 200).await, []);
    assert_eq!(due(store, 100, 200).await, [row("romeo", "sealed m2", 2, 2)]);
    // Who holds it holds it alone, for a while; until then nothing is due.
    assert_eq!(due(store, 199, 300).await, []);
    assert_eq!(store.push_hosts().await.unwrap(), [(HOST.to_owned(), 200)]);
    let [again]: [PushClaim; 1] = store.claim_pushes(200, HOST, 100, 300).await.unwrap().try_into().unwrap();
    assert_eq!((again.attempts, again.form.as_str(), again.may_act), (2, "v1", true));
    assert_eq!(again.noted_at_ms, 0);
    // What came meanwhile is not taken for sent.
    note(store, 250, &[PushChange::Put(put("a", "romeo", "m3", 250))]).await;
    settle(store, "romeo", 2, PushEnd::Taken(260)).await;
    let [later]: [PushClaim; 1] = store.claim_pushes(260, HOST, 100, 300).await.unwrap().try_into().unwrap();
    assert_eq!((&*later.sealed, later.count, later.version, later.noted_at_ms), ("sealed m3", 3, 3, 250));
    settle(store, "romeo", 3, PushEnd::Taken(270)).await;
    assert_eq!(store.pushes_waiting().await.unwrap(), 0);
    assert_eq!(store.push_device("a").await.unwrap().unwrap().pushed_at_ms, Some(270));
    // The next comes after a pause.
    note(store, 272, &[PushChange::Put(put("a", "romeo", "m4", 272))]).await;
    assert_eq!(due(store, 279, 300).await, []);
    assert_eq!(due(store, 280, 300).await, [row("romeo", "sealed m4", 4, 4)]);
    settle(store, "romeo", 4, PushEnd::Later(400)).await;
    assert_eq!(due(store, 399, 500).await, []);
    assert_eq!(due(store, 400, 500).await, [row("romeo", "sealed m4", 4, 4)]);
    settle(store, "romeo", 4, PushEnd::Shrink(400)).await;
    let shrunk = store.claim_pushes(400, HOST, 100, 500).await.unwrap();
    assert!(shrunk[0].shrunk);

    // Read: what was sent is taken back, once.
    note(store, 410, &[withdraw("a", "romeo", Some("m3"), true)]).await;
    settle(store, "romeo", 4, PushEnd::Taken(420)).await;
    assert_eq!(due(store, 420, 500).await, [], "it is about another message");
    for _ in 0..2 {
        note(store, 430, &[withdraw("a", "romeo", None, true)]).await;
    }
    let [told]: [PushClaim; 1] = store.claim_pushes(430, HOST, 100, 500).await.unwrap().try_into().unwrap();
    assert_eq!((told.kind.as_str(), told.sealed.as_str(), told.version), ("withdrawn", "", 5));
    settle(store, "romeo", 5, PushEnd::Taken(440)).await;
    // The next is the first again, and what nobody was told of yet is just not told.
    note(store, 450, &[PushChange::Put(put("a", "romeo", "m5", 450))]).await;
    note(store, 451, &[withdraw("a", "romeo", None, true)]).await;
    assert_eq!(due(store, 460, 500).await, []);
    note(store, 470, &[PushChange::Put(put("a", "romeo", "m6", 470))]).await;
    assert_eq!(due(store, 470, 500).await, [row("romeo", "sealed m6", 1, 1)]);
    // Somebody may have been told by now: it is under way.
    note(store, 475, &[withdraw("a", "romeo", None, true)]).await;
    settle(store, "romeo", 1, PushEnd::Dropped).await;
    assert_eq!(store.claim_pushes(480, HOST, 100, 500).await.unwrap()[0].kind, "withdrawn");
    settle(store, "romeo", 2, PushEnd::Dropped).await;
    // Who is not to be told is not.
    note(store, 490, &[PushChange::Put(put("a", "romeo", "m7", 490))]).await;
    assert_eq!(due(store, 490, 500).await.len(), 1);
    settle(store, "romeo", 1, PushEnd::Taken(491)).await;
    note(store, 492, &[withdraw("a", "romeo", None, false)]).await;
    assert_eq!(due(store, 500, 600).await, []);

    // What is asked is asked once.
    let asked = PushChange::Put(PushPut { once: true, ..put("a", "asked", "", 600) });
    note(store, 600, std::slice::from_ref(&asked)).await;
    assert_eq!(due(store, 600, 700).await, [row("asked", "sealed ", 1, 1)]);
    settle(store, "asked", 1, PushEnd::Taken(601)).await;
    note(store, 650, &[asked]).await;
    assert_eq!(due(store, 700, 800).await, []);
    store.sweep_pushes(0, 602).await.unwrap();

    // What was held back was not tried: nobody can know of it when it is read before its turn.
    note(store, 700, &[PushChange::Put(put("a", "held", "m8", 700))]).await;
    assert_eq!(due(store, 700, 750).await, [row("held", "sealed m8", 1, 1)]);
    settle(store, "held", 1, PushEnd::Held(760)).await;
    assert_eq!(due(store, 759, 800).await, []);
    assert_eq!(store.push_hosts().await.unwrap(), [(HOST.to_owned(), 760)]);
    note(store, 759, &[withdraw("a", "held", None, true)]).await;
    assert_eq!(store.pushes_waiting().await.unwrap(), 0);

    // Nothing waits for whoever refuses; who is gone is no device any more.
    for end in [PushEnd::Refused(800), PushEnd::Gone] {
        note(
            store,
            800,
            &[PushChange::Put(put("a", "one", "m1", 800)), PushChange::Put(put("a", "two", "m2", 800))],
        )
        .await;
        assert_eq!(due(store, 800, 900).await.len(), 2);
        let gone = settle(store, "one", 1, end).await;
        assert_eq!((gone, store.pushes_waiting().await.unwrap()), (u64::from(end == PushEnd::Gone), 0));
        let there = store.push_device("a").await.unwrap();
        assert_eq!(
            there.clone().and_then(|there| there.refused_at_ms),
            (end != PushEnd::Gone).then_some(800)
        );
        note(store, 801, &[PushChange::Put(put("a", "one", "m3", 801))]).await;
        assert_eq!(store.pushes_waiting().await.unwrap(), 0);
        if let Some(there) = there {
            store.keep_push_device(&PushDeviceRecord { refused_at_ms: None, ..there }, 20).await.unwrap();
        }
    }
    // Whoever comes back begins anew.
    store.keep_push_device(&device("a", JULIET, 1), 20).await.unwrap();
    assert_eq!(store.push_positions(JULIET).await.unwrap(), []);
    store.forget_pushes(JULIET).await.unwrap();
}
