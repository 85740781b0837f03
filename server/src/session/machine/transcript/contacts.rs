//! Who is there, and how the person is seen.

use expect_test::expect;

use super::*;

#[test]
fn what_comes_back_from_one_device_says_nothing_of_the_others() {
    check(
        &up("presence romeo@spark.test/a away
         presence romeo@spark.test/b dnd priority=5
         presence romeo@spark.test/b bounced
         presence romeo@spark.test/b gone
         presence romeo@spark.test bounced"),
        expect![[r#"
            presence romeo@spark.test/a away
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/b dnd priority=5
              publish presence_changed,jid:romeo@spark.test,presence:{availability:do_not_disturb
            presence romeo@spark.test/b bounced
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/b gone
            presence romeo@spark.test bounced
              publish presence_changed,jid:romeo@spark.test,presence:{availability:offline
        "#]],
    );
}

#[test]
fn presence_is_that_of_the_best_device() {
    check(
        &up("presence romeo@spark.test/a away
         presence romeo@spark.test/b there priority=-1
         presence romeo@spark.test/c dnd priority=5
         presence romeo@spark.test/c gone
         presence romeo@spark.test/a gone
         presence romeo@spark.test gone
         presence mercutio@spark.test/x there
         presence mercutio@spark.test subscribe
         presence romeo@spark.test/a there avatar=h1
         avatar romeo@spark.test h2
         presence romeo@spark.test/a there avatar=h1"),
        expect![[r#"
            presence romeo@spark.test/a away
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/b there priority=-1
            presence romeo@spark.test/c dnd priority=5
              publish presence_changed,jid:romeo@spark.test,presence:{availability:do_not_disturb
            presence romeo@spark.test/c gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/a gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:available
            presence romeo@spark.test gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:offline,since_ms:0
            presence mercutio@spark.test/x there
            presence mercutio@spark.test subscribe
              publish subscription_requested,request:{jid:mercutio@spark.test,received_at_ms:0
            presence romeo@spark.test/a there avatar=h1
              publish presence_changed,jid:romeo@spark.test,presence:{availability:available
              publish avatar_changed,jid:romeo@spark.test,avatar:h1
            avatar romeo@spark.test h2
              publish avatar_changed,jid:romeo@spark.test,avatar:h2
            presence romeo@spark.test/a there avatar=h1
        "#]],
    );
}

#[test]
fn the_roster_changes_by_pushes() {
    check(
        &up("push nurse@spark.test to
         push romeo@spark.test remove
         snapshot"),
        expect![[r#"
            push nurse@spark.test to
              publish contact_changed nurse@spark.test To
            push romeo@spark.test remove
              publish contact_removed,jid:romeo@spark.test
            snapshot
              contact nurse@spark.test Offline
        "#]],
    );
}

#[test]
fn the_person_is_seen_as_they_wish() {
    check(
        &up("be away back_soon
         be away back_soon
         be away NUL
         deserted
         attended
         be hidden
         reset"),
        expect![[r#"
            be away back_soon
              Presence { availability: Away, status: Some("back soon }
              publish own_presence_changed,presence:{availability:away,status:back soon
              Ok(())
            be away back_soon
              Ok(())
            be away NUL
              Err(UnsupportedCharacter)
            deserted
            attended
              Active
            be hidden
              Presence { availability: Offline, status: None }
              publish own_presence_changed,presence:{availability:offline
              Ok(())
            reset
              ask 9 EnableCarbons
              ask 10 FetchRoster { version: None }
              ask 11 FetchBookmarks
              Active
              ask 12 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 13 FetchNickname { jid: juliet@spark.test }
              ask 14 FetchReadMarks
              ask 15 FetchBlocks
              ask 16 FetchAvatarHash { jid: juliet@spark.test }
        "#]],
    );
}

#[test]
fn ten_thousand_contacts_fit_into_a_snapshot() {
    let mut machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(|| "x".parse().unwrap()));
    let items = (0..10_000).map(|n| RosterItem {
        name: Some(format!("Cousin {n} Capulet")),
        groups: vec!["Verona".to_owned(), "House of Capulet".to_owned()],
        ..item(&format!("cousin-{n}@capulet.spark.test"), "both")
    });
    machine.roster_fetched(Answered::Roster { items: items.collect(), version: None });
    for n in 0..10_000 {
        let from = format!("cousin-{n}@capulet.spark.test/phone");
        let words =
            [from.as_str(), "away", "status=At_the_feast", "avatar=da39a3ee5e6b4b0d3255bfef95601890afd80709"];
        machine.step(0, incoming(Incoming::Presence(presence(&words))));
    }
    let bytes = serde_json::to_vec(&machine.snapshot()).unwrap().len();
    assert!(bytes <= 3_000_000, "{bytes} bytes");
}

#[test]
fn ten_thousand_contacts_are_no_burden() {
    let mut machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(|| "x".parse().unwrap()));
    machine.step(
        0,
        Input::Stream(StreamEvent::Reset {
            bound: "juliet@spark.test/s".parse().unwrap(),
            in_doubt: vec![],
            offers: Offers::default(),
        }),
    );
    let items = (0..10_000).map(|n| item(&format!("n{n}@spark.test"), "both")).collect();
    machine.step(
        0,
        Input::Stream(StreamEvent::Answered {
            id: RequestId(2),
            result: Ok(Answered::Roster { items, version: None }),
        }),
    );
    // One presence is one small event, however many contacts there are.
    let effects = machine.step(0, incoming(Incoming::Presence(presence(&["n9999@spark.test/x", "away"]))));
    assert_eq!(effects.len(), 1);
    assert_eq!(machine.contacts.all().len(), 10_000);
}
