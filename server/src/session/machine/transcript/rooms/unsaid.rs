//! What a room neither says nor refuses.

use expect_test::expect;

use super::*;

/// It is asked whether the person is in it; what it has not said by then it will not say, unless its archive knows better.
#[test]
fn what_a_room_passes_over_has_failed() {
    check_in(
        "- send den@rooms.spark.test s1 kept
         - send den@rooms.spark.test s2 passed_over
         tick 29999
         tick 2
         room pong PingSelf there
         send den@rooms.spark.test s3 said_after_it
         room page QueryArchive complete | r1 den@rooms.spark.test/me id=s1 body=kept at=1 oid=o1
         tick 29999
         room said den@rooms.spark.test/me id=s3 body=said_after_it oid=o1",
        expect![[r#"
            tick 29999
            tick 2
              ask 11 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room pong PingSelf there
              ask 12 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            send den@rooms.spark.test s3 said_after_it
              publish message_added den@rooms.spark.test Outgoing s3 "said after it" at 30001 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              answer Pending
            room page QueryArchive complete | r1 den@rooms.spark.test/me id=s1 body=kept at=1 oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
              publish delivery_changed,conversation:den@rooms.spark.test,id:s2,delivery:{state:failed,reason:unconfirmed
              message den@rooms.spark.test s3 in-room body=said after it
            tick 29999
            room said den@rooms.spark.test/me id=s3 body=said_after_it oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s3,delivery:{state:sent
        "#]],
    );
}

#[test]
fn a_room_without_an_archive_has_nobody_to_ask() {
    check(
        "- reset
         - roster 2 romeo@spark.test
         - page 4 complete
         - room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo
         - room here den@rooms.spark.test/me self id=o1
         - room said den@rooms.spark.test subject=
         - send den@rooms.spark.test s1 hm
         - tick 30001
         room pong PingSelf there
         room said den@rooms.spark.test/me id=s1 body=hm oid=o1
         send den@rooms.spark.test s1 hm",
        expect![[r#"
            room pong PingSelf there
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:failed,reason:unconfirmed
            room said den@rooms.spark.test/me id=s1 body=hm oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
            send den@rooms.spark.test s1 hm
              answer Sent
        "#]],
    );
}

/// Who does not answer may be slow, and for five minutes that is believed. Then it is believed no longer, until the room
/// says the message after all.
#[test]
fn a_room_that_does_not_answer_is_waited_for() {
    check_in(
        "- send den@rooms.spark.test s1 hm
         tick 30001
         room pong PingSelf silent
         tick 1
         tick 270000
         room said den@rooms.spark.test/me id=s1 body=hm oid=o1",
        expect![[r#"
            tick 30001
              ask 11 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room pong PingSelf silent
            tick 1
              ask 12 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            tick 270000
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:failed,reason:unconfirmed
            room said den@rooms.spark.test/me id=s1 body=hm oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
        "#]],
    );
}

/// What was handed over before the question is meant, and what goes out again after a gap begins anew.
#[test]
fn what_came_after_the_question_is_not_passed_over() {
    check_in(
        "- tick 599999
         tick 1
         send den@rooms.spark.test s1 hm
         room pong PingSelf there
         - suspend
         - tick 600000
         resume
         tick 1
         room said den@rooms.spark.test/me id=s1 body=hm oid=o1",
        expect![[r#"
            tick 1
              ask 11 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            send den@rooms.spark.test s1 hm
              publish message_added den@rooms.spark.test Outgoing s1 "hm" at 600000 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              message den@rooms.spark.test s1 in-room body=hm
              answer Pending
            room pong PingSelf there
            resume
              publish connection_changed,connection:{state:online
              Inactive
              ask 12 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            tick 1
            room said den@rooms.spark.test/me id=s1 body=hm oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
        "#]],
    );
}

#[test]
fn reactions_are_not_waited_for_either() {
    check_in(
        "- room said den@rooms.spark.test/wolf id=m1 body=hm oid=o2 archive=r1
         react den@rooms.spark.test m1 👍
         tick 30001
         room pong PingSelf there
         room page QueryArchive complete
         tick 30001",
        expect![[r#"
            react den@rooms.spark.test m1 👍
              message den@rooms.spark.test new1 in-room about=React { to: ("r1"), emojis: ["👍"] }
              publish message_changed den@rooms.spark.test Incoming m1 "hm" at 0 👍=den@rooms.spark.test/me
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
              answer Incoming m1 "hm" at 0 👍=den@rooms.spark.test/me
            tick 30001
              ask 11 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room pong PingSelf there
              ask 12 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            room page QueryArchive complete
            tick 30001
        "#]],
    );
}

/// By the person's own words, in the order in which they were sent; another of their clients may say the same, but not
/// where ids are kept.
#[test]
fn a_room_may_give_messages_other_ids() {
    let script = "- reset
         - roster 2 romeo@spark.test
         - page 4 complete
         - room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo OTHER
         - room here den@rooms.spark.test/me self id=o1
         - room said den@rooms.spark.test subject=
         - send den@rooms.spark.test s1 hm
         - send den@rooms.spark.test s2 hm
         room said den@rooms.spark.test/wolf id=x1 body=hm oid=o2
         room said den@rooms.spark.test/me id=x2 body=hm oid=o1
         room said den@rooms.spark.test/me id=x3 body=ah oid=o1
         room said den@rooms.spark.test/me id=x4 body=hm oid=o1
         room said den@rooms.spark.test/me id=x5 body=hm oid=o1";
    check(
        &script.replace("OTHER", "own-ids"),
        expect![[r#"
        room said den@rooms.spark.test/wolf id=x1 body=hm oid=o2
          publish message_added den@rooms.spark.test Incoming x1 "hm" at 0
          publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
        room said den@rooms.spark.test/me id=x2 body=hm oid=o1
          publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
        room said den@rooms.spark.test/me id=x3 body=ah oid=o1
          publish message_added den@rooms.spark.test Outgoing x3 "ah" at 0 Sent
          publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=x1
        room said den@rooms.spark.test/me id=x4 body=hm oid=o1
          publish delivery_changed,conversation:den@rooms.spark.test,id:s2,delivery:{state:sent
        room said den@rooms.spark.test/me id=x5 body=hm oid=o1
          publish message_added den@rooms.spark.test Outgoing x5 "hm" at 0 Sent
          publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=x1
    "#]],
    );
    check(
        &script.replace("OTHER", ""),
        expect![[r#"
        room said den@rooms.spark.test/wolf id=x1 body=hm oid=o2
          publish message_added den@rooms.spark.test Incoming x1 "hm" at 0
          publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
        room said den@rooms.spark.test/me id=x2 body=hm oid=o1
          publish message_added den@rooms.spark.test Outgoing x2 "hm" at 0 Sent
          publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=x1
        room said den@rooms.spark.test/me id=x3 body=ah oid=o1
          publish message_added den@rooms.spark.test Outgoing x3 "ah" at 0 Sent
          publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=x1
        room said den@rooms.spark.test/me id=x4 body=hm oid=o1
          publish message_added den@rooms.spark.test Outgoing x4 "hm" at 0 Sent
          publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=x1
        room said den@rooms.spark.test/me id=x5 body=hm oid=o1
          publish message_added den@rooms.spark.test Outgoing x5 "hm" at 0 Sent
          publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=x1
    "#]],
    );
}
