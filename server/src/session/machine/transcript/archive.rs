//! Catching up after a gap, and paging through history.

use expect_test::expect;

use super::{check, up};

#[test]
fn after_a_gap_only_what_the_archive_lacks_is_sent_again() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - send romeo@spark.test s1 arrived
         - send romeo@spark.test s2 lost
         - suspend
         reset s1 s2
         roster 7 romeo@spark.test
         page 8 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1 | a3 romeo@spark.test/x id=m1 body=missed at=2
         recv romeo@spark.test/x id=m2 body=live archive=a5
         page 11 complete | a4 romeo@spark.test/x id=m3 body=missed_too at=3 | a5 romeo@spark.test/x id=m2 body=live at=4"),
        expect![[r#"
            reset s1 s2
              publish connection_changed,connection:{state:online
              ask 6 EnableCarbons
              ask 7 FetchRoster { version: None }
              Presence { availability: Available, status: None }
              Inactive
              ask 8 QueryArchive { with: None, before: None, after: Some(a1), start_ms: None, max: 100 }
              ask 9 FetchNickname { jid: juliet@spark.test }
              ask 10 FetchReadMarks
            roster 7 romeo@spark.test
              publish roster_replaced 1
            page 8 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1 | a3 romeo@spark.test/x id=m1 body=missed at=2
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              publish message_added romeo@spark.test Incoming m1 "missed" at 0 delayed
              publish conversation_changed romeo@spark.test unread=1 read=m0
              ask 11 QueryArchive { with: None, before: None, after: Some(a3), start_ms: None, max: 100 }
            recv romeo@spark.test/x id=m2 body=live archive=a5
              publish message_added romeo@spark.test Incoming m2 "live" at 0
              publish conversation_changed romeo@spark.test unread=2 read=m0
            page 11 complete | a4 romeo@spark.test/x id=m3 body=missed_too at=3 | a5 romeo@spark.test/x id=m2 body=live at=4
              publish message_added romeo@spark.test Incoming m3 "missed too" at 0 delayed
              publish conversation_changed romeo@spark.test unread=3 read=m0
              message romeo@spark.test s2 body=lost first-sent=0
        "#]],
    );
}

#[test]
fn a_gap_that_cannot_be_closed_is_owned_up_to() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - reset
         refuse 8 gone
         refuse 11 unsupported"),
        expect![[r#"
            refuse 8 gone
              publish history_changed
              ask 11 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
            refuse 11 unsupported
        "#]],
    );
}

#[test]
fn history_is_the_archive_and_what_it_does_not_have_yet() {
    check(
        &up("- send romeo@spark.test s1 hi
         - ack s1
         - recv romeo@spark.test/x received=s1
         - send romeo@spark.test s2 on_its_way
         history romeo@spark.test
         page 6 | a1 romeo@spark.test/x id=m1 body=old at=-9 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0"),
        expect![[r#"
            history romeo@spark.test
              ask 6 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page 6 | a1 romeo@spark.test/x id=m1 body=old at=-9 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0
              page before=Some("a1")
                Incoming m1 "old" at -9
                Outgoing s1 "hi" at 0 Delivered
                Outgoing s2 "on its way" at 0 Pending
        "#]],
    );
}
