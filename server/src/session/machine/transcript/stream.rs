//! What a session does when its stream begins, breaks and ends.

use expect_test::expect;

use super::{check, up};

#[test]
fn a_new_stream_is_greeted_in_order() {
    check(
        "reset
         roster 2 romeo@spark.test nurse@spark.test
         page 3 complete | a1 romeo@spark.test/x id=m1 body=hi at=-5 | a2 juliet@spark.test/y to=nurse@spark.test id=m2 body=ho at=-4
         snapshot",
        expect![[r#"
            reset
              ask 1 EnableCarbons
              ask 2 FetchRoster { version: None }
              Presence { availability: Available, status: None }
              Inactive
              ask 3 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 4 FetchNickname { jid: juliet@spark.test }
              ask 5 FetchReadMarks
              ask 6 FetchBlocks
              ask 7 FetchAvatarHash { jid: juliet@spark.test }
              ask 8 FetchBookmarks
            roster 2 romeo@spark.test nurse@spark.test
              publish roster_replaced 2
            page 3 complete | a1 romeo@spark.test/x id=m1 body=hi at=-5 | a2 juliet@spark.test/y to=nurse@spark.test id=m2 body=ho at=-4
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
         page 3 complete | a1 romeo@spark.test/x id=m1 body=old
         recv romeo@spark.test/x id=m2 body=new archive=a2
         suspend
         reset",
        expect![[r#"
            page 3 complete | a1 romeo@spark.test/x id=m1 body=old
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
              Presence { availability: Available, status: None }
              Inactive
              ask 11 QueryArchive { with: None, before: None, after: Some(a2), start_ms: None, max: 100 }
              ask 12 FetchNickname { jid: juliet@spark.test }
              ask 13 FetchReadMarks
              ask 14 FetchBlocks
              ask 15 FetchAvatarHash { jid: juliet@spark.test }
              ask 16 FetchBookmarks
        "#]],
    );
    check(
        "- reset
         - roster 2 romeo@spark.test
         suspend
         resume
         refuse 3 unsupported",
        expect![[r#"
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            resume
              Inactive
            refuse 3 unsupported
              publish connection_changed,connection:{state:online
        "#]],
    );
}
