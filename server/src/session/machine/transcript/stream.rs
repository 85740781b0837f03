//! What a session does when its stream begins, breaks and ends.

use expect_test::expect;

use super::{Input, Script, check, up};

#[test]
fn a_new_stream_is_greeted_in_order() {
    check(
        "reset
         roster 2 romeo@spark.test nurse@spark.test
         page 4 complete | a1 romeo@spark.test/x id=m1 body=hi at=-5 | a2 juliet@spark.test/y to=nurse@spark.test id=m2 body=ho at=-4
         snapshot",
        expect![[r#"
            reset
              ask 1 EnableCarbons
              ask 2 FetchRoster { version: None }
              ask 3 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 4 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 5 FetchNickname { jid: juliet@spark.test }
              ask 6 FetchReadMarks
              ask 7 FetchBlocks
              ask 8 FetchAvatarHash { jid: juliet@spark.test }
            roster 2 romeo@spark.test nurse@spark.test
              publish roster_replaced 2
            page 4 complete | a1 romeo@spark.test/x id=m1 body=hi at=-5 | a2 juliet@spark.test/y to=nurse@spark.test id=m2 body=ho at=-4
              publish conversation_changed romeo@spark.test unread=0 read=-
              publish conversation_changed nurse@spark.test unread=0 read=-
              publish connection_changed,connection:{state:online
            snapshot
              contact nurse@spark.test Offline
              contact romeo@spark.test Offline
              conversation nurse@spark.test 0 Outgoing m2 "ho" at -4 Sent
              conversation romeo@spark.test 0 Incoming m1 "hi" at -5
        "#]],
    );
}

/// Whoever asks is answered when the session is open. With many contacts their number alone keeps the server busy for
/// long.
#[test]
fn where_the_contacts_are_many_they_are_enough_to_be_shown() {
    let roster = |count: usize| {
        let contacts: Vec<_> = (0..count).map(|number| format!("person{number}@spark.test")).collect();
        format!("roster 2 {}", contacts.join(" "))
    };
    let (few, many) = (roster(999), roster(1_000));
    let after = |script: &[&str]| {
        let mut run = Script::new();
        script.iter().for_each(|line| run.line(line));
        run.machine
    };
    assert!(after(&["reset"]).is_opening());
    assert!(after(&["reset", &few]).is_opening());
    assert!(after(&["reset", &few, "room bookmarks FetchBookmarks"]).is_opening());
    assert!(!after(&["reset", &few, "room bookmarks FetchBookmarks", "page 4 complete"]).is_opening());
    assert!(after(&["reset", &many]).is_opening());
    let mut machine = after(&["reset", &many, "room bookmarks FetchBookmarks"]);
    assert!(!machine.is_opening());
    // Who they were is not yet who they are.
    machine.step(0, Input::Reopening);
    assert!(machine.is_opening());
    assert!(after(&["reset", &many, "reset"]).is_opening());
}

#[test]
fn without_a_connection_messages_wait() {
    check(
        &up("- suspend
         send romeo@spark.test s1 hi wait
         typing romeo@spark.test
         history romeo@spark.test
         history romeo@spark.test a1
         resume"),
        expect![[r#"
            send romeo@spark.test s1 hi wait
              publish message_added romeo@spark.test Outgoing s1 "hi" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              answer Pending
            typing romeo@spark.test
              done
            history romeo@spark.test
              page before=None
                Outgoing s1 "hi" at 0 Pending
            history romeo@spark.test a1
              refused: the session's connection is down; it is being brought back
            resume
              publish connection_changed,connection:{state:online
              message romeo@spark.test s1 body=hi first-sent=0
              Inactive
        "#]],
    );
    check(
        &up("- send romeo@spark.test s1 hi wait
         tick 9999
         suspend
         resume
         ack s1"),
        expect![[r#"
            tick 9999
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
              answer Pending
            resume
              publish connection_changed,connection:{state:online
              Inactive
            ack s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
        "#]],
    );
}

#[test]
fn a_session_ends_and_says_so() {
    check(
        &up("- send romeo@spark.test s1 hi wait\nend"),
        expect![[r#"
            end
              publish connection_changed,connection:{state:ended,reason:signed_out
              stop SignedOut
              answer Pending
              done
        "#]],
    );
    check(
        &up("ended"),
        expect![[r#"
        ended
          publish connection_changed,connection:{state:ended,reason:replaced
          stop Replaced
    "#]],
    );
}

/// Whoever was told that the session is up hears of everything that is said: what the archive's newest page has was said
/// before.
#[test]
fn people_are_told_that_it_is_up_when_what_is_old_is_known() {
    check(
        "- reset
         - roster 2 romeo@spark.test
         page 4 complete | a1 romeo@spark.test/x id=m1 body=old
         recv romeo@spark.test/x id=m2 body=new archive=a2
         suspend
         reset",
        expect![[r#"
            page 4 complete | a1 romeo@spark.test/x id=m1 body=old
              publish conversation_changed romeo@spark.test unread=0 read=-
              publish connection_changed,connection:{state:online
            recv romeo@spark.test/x id=m2 body=new archive=a2
              publish message_added romeo@spark.test Incoming m2 "new" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            reset
              publish connection_changed,connection:{state:online
              ask 9 EnableCarbons
              ask 10 FetchRoster { version: None }
              ask 11 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 12 QueryArchive { with: None, before: None, after: Some(a2), start_ms: None, max: 100 }
              ask 13 FetchNickname { jid: juliet@spark.test }
              ask 14 FetchReadMarks
              ask 15 FetchBlocks
              ask 16 FetchAvatarHash { jid: juliet@spark.test }
        "#]],
    );
    check(
        "- reset
         - roster 2 romeo@spark.test
         suspend
         resume
         refuse 4 unsupported",
        expect![[r#"
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            resume
              Inactive
            refuse 4 unsupported
              publish connection_changed,connection:{state:online
        "#]],
    );
}
