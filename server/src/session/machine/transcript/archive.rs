//! Paging through history, and looking for what may be in it.

use expect_test::expect;

use super::{check, up};

#[test]
fn history_is_the_archive_and_what_it_does_not_have_yet() {
    check(
        &up("- send romeo@spark.test s1 hi
         - ack s1
         - recv romeo@spark.test/x received=s1
         - send romeo@spark.test s2 on_its_way
         history romeo@spark.test
         page QueryArchive | a1 romeo@spark.test/x id=m1 body=old at=-9 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0"),
        expect![[r#"
            history romeo@spark.test
              ask 9 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page QueryArchive | a1 romeo@spark.test/x id=m1 body=old at=-9 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0
              page before=Some("a1")
                Incoming m1 "old" at -9
                Outgoing s1 "hi" at 0 Delivered
                Outgoing s2 "on its way" at 0 Pending
        "#]],
    );
}

#[test]
fn what_no_archive_keeps_has_its_place_in_history_for_as_long_as_the_session_knows_it() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=one archive=a1
         - tick 1000
         - recv romeo@spark.test/x id=m2 body=unkept
         - recv romeo@spark.test/x id=m3 body=gone archive=a3
         - tick 1000
         - recv romeo@spark.test/x id=m4 body=four archive=a4
         history romeo@spark.test
         page QueryArchive | a1 romeo@spark.test/x id=m1 body=one at=0 | a4 romeo@spark.test/x id=m4 body=four at=2000
         history romeo@spark.test
         page QueryArchive | a4 romeo@spark.test/x id=m4 body=four at=2000
         history romeo@spark.test a4
         page QueryArchive complete | a0 romeo@spark.test/x id=m0 body=early at=-5 | a1 romeo@spark.test/x id=m1 body=one at=0
         history romeo@spark.test a1
         page QueryArchive complete | a0 romeo@spark.test/x id=m0 body=early at=-5"),
        expect![[r#"
            history romeo@spark.test
              ask 9 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page QueryArchive | a1 romeo@spark.test/x id=m1 body=one at=0 | a4 romeo@spark.test/x id=m4 body=four at=2000
              page before=Some("a1")
                Incoming m1 "one" at 0
                Incoming m2 "unkept" at 1000
                Incoming m4 "four" at 2000
            history romeo@spark.test
              ask 10 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page QueryArchive | a4 romeo@spark.test/x id=m4 body=four at=2000
              page before=Some("a4")
                Incoming m4 "four" at 2000
            history romeo@spark.test a4
              ask 11 QueryArchive { with: Some(romeo@spark.test), before: Some(a4), after: None, start_ms: None, max: 2 }
            page QueryArchive complete | a0 romeo@spark.test/x id=m0 body=early at=-5 | a1 romeo@spark.test/x id=m1 body=one at=0
              page before=None
                Incoming m0 "early" at -5
                Incoming m1 "one" at 0
            history romeo@spark.test a1
              ask 12 QueryArchive { with: Some(romeo@spark.test), before: Some(a1), after: None, start_ms: None, max: 2 }
            page QueryArchive complete | a0 romeo@spark.test/x id=m0 body=early at=-5
              page before=None
                Incoming m0 "early" at -5
        "#]],
    );
}

#[test]
fn what_was_said_before_all_that_an_archive_kept_comes_first() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=unkept
         - tick 1000
         - recv romeo@spark.test/x id=m2 body=two archive=a2
         history romeo@spark.test
         page QueryArchive complete | a2 romeo@spark.test/x id=m2 body=two at=1000"),
        expect![[r#"
            history romeo@spark.test
              ask 9 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page QueryArchive complete | a2 romeo@spark.test/x id=m2 body=two at=1000
              page before=None
                Incoming m1 "unkept" at 0
                Incoming m2 "two" at 1000
        "#]],
    );
}

#[test]
fn history_passes_over_pages_of_what_nobody_said() {
    check(
        &up("history romeo@spark.test a9
         page QueryArchive | a8 romeo@spark.test/x received=s1 at=-3
         page QueryArchive | a7 romeo@spark.test/x id=m7 body=old at=-9"),
        expect![[r#"
            history romeo@spark.test a9
              ask 9 QueryArchive { with: Some(romeo@spark.test), before: Some(a9), after: None, start_ms: None, max: 2 }
            page QueryArchive | a8 romeo@spark.test/x received=s1 at=-3
              ask 10 QueryArchive { with: Some(romeo@spark.test), before: Some(a8), after: None, start_ms: None, max: 2 }
            page QueryArchive | a7 romeo@spark.test/x id=m7 body=old at=-9
              page before=Some("a7")
                Incoming m7 "old" at -9
        "#]],
    );
}

#[test]
fn without_an_archive_pages_are_cut_from_what_is_remembered() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=one
         - recv romeo@spark.test/x id=m2 body=two
         - recv romeo@spark.test/x id=m3 body=three archive=a3
         - send romeo@spark.test s4 four
         - recv romeo@spark.test/x id=m5 body=five
         history romeo@spark.test
         refuse QueryArchive unsupported
         history romeo@spark.test s4
         refuse QueryArchive unsupported
         history romeo@spark.test m2
         refuse QueryArchive unsupported
         history romeo@spark.test gone
         refuse QueryArchive unsupported
         history romeo@spark.test after=m1
         refuse QueryArchive unsupported
         history romeo@spark.test after=a3
         refuse QueryArchive unsupported
         history romeo@spark.test after=m5
         refuse QueryArchive unsupported
         history romeo@spark.test after=gone
         refuse QueryArchive unsupported"),
        expect![[r#"
            history romeo@spark.test
              ask 9 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=Some("s4")
                Outgoing s4 "four" at 0 Pending
                Incoming m5 "five" at 0
            history romeo@spark.test s4
              ask 10 QueryArchive { with: Some(romeo@spark.test), before: Some(s4), after: None, start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=Some("m2")
                Incoming m2 "two" at 0
                Incoming m3 "three" at 0
            history romeo@spark.test m2
              ask 11 QueryArchive { with: Some(romeo@spark.test), before: Some(m2), after: None, start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=None
                Incoming m1 "one" at 0
            history romeo@spark.test gone
              ask 12 QueryArchive { with: Some(romeo@spark.test), before: Some(gone), after: None, start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=None
            history romeo@spark.test after=m1
              ask 13 QueryArchive { with: Some(romeo@spark.test), before: None, after: Some(m1), start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=Some("m2")
                Incoming m2 "two" at 0
                Incoming m3 "three" at 0
            history romeo@spark.test after=a3
              ask 14 QueryArchive { with: Some(romeo@spark.test), before: None, after: Some(a3), start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=Some("s4")
                Outgoing s4 "four" at 0 Pending
                Incoming m5 "five" at 0
            history romeo@spark.test after=m5
              ask 15 QueryArchive { with: Some(romeo@spark.test), before: None, after: Some(m5), start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=None
            history romeo@spark.test after=gone
              ask 16 QueryArchive { with: Some(romeo@spark.test), before: None, after: Some(gone), start_ms: None, max: 2 }
            refuse QueryArchive unsupported
              page before=None
        "#]],
    );
}

#[test]
fn without_a_connection_history_goes_on_where_the_archive_does() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=one archive=a1
         - recv romeo@spark.test/x id=m2 body=two archive=a2
         - send romeo@spark.test s3 three
         - suspend
         history romeo@spark.test"),
        expect![[r#"
            history romeo@spark.test
              page before=Some("a2")
                Incoming m2 "two" at 0
                Outgoing s3 "three" at 0 Pending
        "#]],
    );
}

#[test]
fn a_conversation_is_searched_by_the_archive() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=helo archive=a1
         - recv romeo@spark.test/x id=m2 body=hello replaces=m1 archive=a2
         - send romeo@spark.test s1 on_its_way
         search romeo@spark.test text=hello
         fields FetchArchiveFields withtext
         page SearchArchive complete | a2 romeo@spark.test/x id=m2 body=hello replaces=m1 at=-5 | a9 romeo@spark.test/x id=m9 body=hello_you at=-4
         search romeo@spark.test text=nothing
         refuse SearchArchive unsupported
         search romeo@spark.test from=5 to=9
         suspend
         search romeo@spark.test text=hello"),
        expect![[r#"
            search romeo@spark.test text=hello
              ask 9 FetchArchiveFields { room: None }
            fields FetchArchiveFields withtext
              ask 10 SearchArchive { query: QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }, end_ms: None, text: Some(("withtext", "hello) }
            page SearchArchive complete | a2 romeo@spark.test/x id=m2 body=hello replaces=m1 at=-5 | a9 romeo@spark.test/x id=m9 body=hello_you at=-4
              page before=None
                Incoming m9 "hello you" at -4
                Incoming m1 "hello" at 0 edited=0
            search romeo@spark.test text=nothing
              ask 11 SearchArchive { query: QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }, end_ms: None, text: Some(("withtext", "nothing) }
            refuse SearchArchive unsupported
              refused: the XMPP server has no such feature
            search romeo@spark.test from=5 to=9
              ask 12 SearchArchive { query: QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: Some(-1995), max: 2 }, end_ms: Some(2009), text: None }
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            search romeo@spark.test text=hello
              refused: the session's connection is down; it is being brought back
        "#]],
    );
    check(
        &up("search romeo@spark.test text=hello
         fields FetchArchiveFields
         search romeo@spark.test text=hello"),
        expect![[r#"
            search romeo@spark.test text=hello
              ask 9 FetchArchiveFields { room: None }
            fields FetchArchiveFields
              refused: the XMPP server has no such feature
            search romeo@spark.test text=hello
              refused: the XMPP server has no such feature
        "#]],
    );
}

/// Prosody stamps in whole seconds, and its clock is not ours: what was said at 1,003 here it may have at 0.
#[test]
fn narrowed_by_time_a_conversation_has_what_is_shown_with_such_a_time() {
    check(
        &up("- tick 1003
         - send romeo@spark.test s1 hello
         - tick 997
         - recv romeo@spark.test/x id=m1 body=hello archive=a2
         search romeo@spark.test from=1003 to=2000
         page SearchArchive complete | a1 juliet@spark.test/s1 to=romeo@spark.test id=s1 origin=s1 body=hello at=0 | a2 romeo@spark.test/x id=m1 body=hello at=1000
         search romeo@spark.test from=1004 to=1999
         page SearchArchive complete | a1 juliet@spark.test/s1 to=romeo@spark.test id=s1 origin=s1 body=hello at=0 | a2 romeo@spark.test/x id=m1 body=hello at=1000"),
        expect![[r#"
            search romeo@spark.test from=1003 to=2000
              ask 9 SearchArchive { query: QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: Some(-997), max: 2 }, end_ms: Some(4000), text: None }
            page SearchArchive complete | a1 juliet@spark.test/s1 to=romeo@spark.test id=s1 origin=s1 body=hello at=0 | a2 romeo@spark.test/x id=m1 body=hello at=1000
              page before=None
                Outgoing s1 "hello" at 1003 Pending
                Incoming m1 "hello" at 2000
            search romeo@spark.test from=1004 to=1999
              ask 10 SearchArchive { query: QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: Some(-996), max: 2 }, end_ms: Some(3999), text: None }
            page SearchArchive complete | a1 juliet@spark.test/s1 to=romeo@spark.test id=s1 origin=s1 body=hello at=0 | a2 romeo@spark.test/x id=m1 body=hello at=1000
              page before=None
        "#]],
    );
}

/// An earlier run of the gateway may have sent it, and may have been killed before it said so.
#[test]
fn an_id_of_somebody_s_own_is_looked_for_before_it_is_sent() {
    check(
        "- reset
         - roster 2 romeo@spark.test
         send romeo@spark.test s1 early
         page 4 | a8 juliet@spark.test/s1 to=romeo@spark.test id=s8 body=new at=-1
         send romeo@spark.test s2 never_sent wait
         page QueryArchive | a4 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=early at=-4 | a5 romeo@spark.test/x id=s2 body=mine at=-3
         page QueryArchive complete | a1 juliet@spark.test/s1 to=romeo@spark.test id=s3 body=older at=-9
         ack s2
         send romeo@spark.test s3 older
         send romeo@spark.test s3 other
         send romeo@spark.test s8 new
         send romeo@spark.test s4 now_everything_is_known",
        expect![[r#"
            send romeo@spark.test s1 early
              publish message_added romeo@spark.test Outgoing s1 "early" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              answer Pending
            page 4 | a8 juliet@spark.test/s1 to=romeo@spark.test id=s8 body=new at=-1
              publish conversation_changed romeo@spark.test unread=0 read=-
              publish connection_changed,connection:{state:online
              ask 9 QueryArchive { with: None, before: Some(a8), after: None, start_ms: None, max: 100 }
            send romeo@spark.test s2 never_sent wait
              publish message_added romeo@spark.test Outgoing s2 "never sent" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
            page QueryArchive | a4 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=early at=-4 | a5 romeo@spark.test/x id=s2 body=mine at=-3
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              ask 10 QueryArchive { with: None, before: Some(a4), after: None, start_ms: None, max: 100 }
            page QueryArchive complete | a1 juliet@spark.test/s1 to=romeo@spark.test id=s3 body=older at=-9
              message romeo@spark.test s2 body=never sent
            ack s2
              publish delivery_changed,conversation:romeo@spark.test,id:s2,delivery:{state:sent
              answer Sent
            send romeo@spark.test s3 older
              answer Sent
            send romeo@spark.test s3 other
              refused: this message id was used for another message
            send romeo@spark.test s8 new
              answer Sent
            send romeo@spark.test s4 now_everything_is_known
              publish message_added romeo@spark.test Outgoing s4 "now everything is known" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              message romeo@spark.test s4 body=now everything is known
              answer Pending
        "#]],
    );
}

#[test]
fn an_id_that_says_when_it_was_made_is_looked_for_no_further_back() {
    check(
        "- reset
         - roster 2 romeo@spark.test
         page 4 | a8 romeo@spark.test/x id=m8 body=new at=-500000
         send romeo@spark.test 00000000-0000-7fff-bfff-ffffffffffff just_made
         page QueryArchive | a7 romeo@spark.test/x id=m7 body=old at=-900000
         send romeo@spark.test 00000000-0001-7fff-bfff-ffffffffffff just_made_too
         send romeo@spark.test 000000ff-0001-7fff-bfff-ffffffffffff by_a_clock_that_is_ahead
         lost QueryArchive
         - suspend
         resume",
        expect![[r#"
            page 4 | a8 romeo@spark.test/x id=m8 body=new at=-500000
              publish conversation_changed romeo@spark.test unread=0 read=-
              publish connection_changed,connection:{state:online
            send romeo@spark.test 00000000-0000-7fff-bfff-ffffffffffff just_made
              publish message_added romeo@spark.test Outgoing 00000000-0000-7fff-bfff-ffffffffffff "just made" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=m8
              ask 9 QueryArchive { with: None, before: Some(a8), after: None, start_ms: None, max: 100 }
              answer Pending
            page QueryArchive | a7 romeo@spark.test/x id=m7 body=old at=-900000
              message romeo@spark.test 00000000-0000-7fff-bfff-ffffffffffff body=just made
            send romeo@spark.test 00000000-0001-7fff-bfff-ffffffffffff just_made_too
              publish message_added romeo@spark.test Outgoing 00000000-0001-7fff-bfff-ffffffffffff "just made too" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=m8
              message romeo@spark.test 00000000-0001-7fff-bfff-ffffffffffff body=just made too
              answer Pending
            send romeo@spark.test 000000ff-0001-7fff-bfff-ffffffffffff by_a_clock_that_is_ahead
              publish message_added romeo@spark.test Outgoing 000000ff-0001-7fff-bfff-ffffffffffff "by a clock that is ahead" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=m8
              ask 10 QueryArchive { with: None, before: Some(a7), after: None, start_ms: None, max: 100 }
              answer Pending
            lost QueryArchive
            resume
              publish connection_changed,connection:{state:online
              ask 11 QueryArchive { with: None, before: Some(a7), after: None, start_ms: None, max: 100 }
              Inactive
        "#]],
    );
}

#[test]
fn what_is_in_doubt_is_looked_for_as_far_back_as_it_may_be() {
    // More was said since than a page has, and some of it before the entry that was the newest.
    check(
        &up("- send romeo@spark.test s1 arrived
         - send romeo@spark.test s2 lost
         - tick 1
         - recv romeo@spark.test/x id=m1 body=hm archive=a5
         - suspend
         send romeo@spark.test s3 said_after_it
         - reset s1 s2
         page QueryArchive complete
         page QueryArchive complete | a4 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1"),
        expect![[r#"
            send romeo@spark.test s3 said_after_it
              publish message_added romeo@spark.test Outgoing s3 "said after it" at 1 Pending
              publish conversation_changed romeo@spark.test unread=0 read=m1
              answer Pending
            page QueryArchive complete
              ask 17 QueryArchive { with: None, before: Some(a5), after: None, start_ms: None, max: 100 }
            page QueryArchive complete | a4 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              message romeo@spark.test s2 body=lost first-sent=0
              message romeo@spark.test s3 body=said after it first-sent=1
        "#]],
    );
    check(
        &up("- send romeo@spark.test s1 arrived
         - suspend
         - reset s1
         page QueryArchive | a9 romeo@spark.test/x id=m9 body=so at=700000
         page QueryArchive | a4 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=2"),
        expect![[r#"
            page QueryArchive | a9 romeo@spark.test/x id=m9 body=so at=700000
              publish conversation_changed romeo@spark.test unread=0 read=-
              ask 17 QueryArchive { with: None, before: Some(a9), after: None, start_ms: None, max: 100 }
            page QueryArchive | a4 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=2
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
        "#]],
    );
}
