//! What is done to messages: corrections, retractions, reactions; and who may do it.

use expect_test::expect;

use super::{check, up};

#[test]
fn an_author_corrects_and_nobody_else_does() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=helo
         - read romeo@spark.test m1
         tick 5
         recv romeo@spark.test/phone id=m2 body=hello replaces=m1
         recv romeo@spark.test/phone id=m2 body=hello replaces=m1
         recv romeo@spark.test/x id=m3 body=hello! replaces=m2
         recv mercutio@spark.test/x id=m4 body=pwned replaces=m1
         recv juliet@spark.test/phone to=romeo@spark.test id=m5 body=mine replaces=m1 carbon=sent
         recv romeo@spark.test/x id=m6 body=lost replaces=unheard-of
         recv romeo@spark.test/x id=m7 body=found replaces=unheard-of
         snapshot"),
        expect![[r#"
            tick 5
            recv romeo@spark.test/phone id=m2 body=hello replaces=m1
              publish message_changed romeo@spark.test Incoming m1 "hello" at 0 edited=5
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv romeo@spark.test/phone id=m2 body=hello replaces=m1
            recv romeo@spark.test/x id=m3 body=hello! replaces=m2
              publish message_changed romeo@spark.test Incoming m1 "hello!" at 0 edited=5
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv mercutio@spark.test/x id=m4 body=pwned replaces=m1
              publish message_added mercutio@spark.test Incoming m4 "pwned" at 5
              publish conversation_changed mercutio@spark.test unread=1 read=-
            recv juliet@spark.test/phone to=romeo@spark.test id=m5 body=mine replaces=m1 carbon=sent
              publish message_added romeo@spark.test Outgoing m5 "mine" at 5 Sent
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv romeo@spark.test/x id=m6 body=lost replaces=unheard-of
              publish message_added romeo@spark.test Incoming m6 "lost" at 5
              publish conversation_changed romeo@spark.test unread=1 read=m1
            recv romeo@spark.test/x id=m7 body=found replaces=unheard-of
              publish message_changed romeo@spark.test Incoming m6 "found" at 5 edited=5
              publish conversation_changed romeo@spark.test unread=1 read=m1
            snapshot
              contact romeo@spark.test Offline
              conversation mercutio@spark.test 1 Incoming m4 "pwned" at 5
              conversation romeo@spark.test 1 Incoming m6 "found" at 5 edited=5
        "#]],
    );
}

#[test]
fn the_person_corrects_what_they_said() {
    check(
        &up("- send romeo@spark.test s1 helo
         - recv romeo@spark.test/x id=m1 body=hi
         correct romeo@spark.test s1 hello
         correct romeo@spark.test s1 hello
         ack new2
         recv romeo@spark.test/x received=new2
         correct romeo@spark.test s1 EMPTY
         correct romeo@spark.test s1 LONG
         correct romeo@spark.test m1 nonsense
         correct romeo@spark.test s9 nonsense
         suspend
         correct romeo@spark.test s1 hello_again
         resume"),
        expect![[r#"
            correct romeo@spark.test s1 hello
              message romeo@spark.test new2 body=hello about=Correct(("s1"))
              publish message_changed romeo@spark.test Outgoing s1 "hello" at 0 Pending edited=0
              answer Outgoing s1 "hello" at 0 Pending edited=0
            correct romeo@spark.test s1 hello
              answer Outgoing s1 "hello" at 0 Pending edited=0
            ack new2
            recv romeo@spark.test/x received=new2
            correct romeo@spark.test s1 EMPTY
              refused: the message is empty
            correct romeo@spark.test s1 LONG
              refused: the message has 65537 bytes, and 65536 are the most
            correct romeo@spark.test m1 nonsense
              refused: the message is somebody else's
            correct romeo@spark.test s9 nonsense
              refused: the session knows of no such message in this conversation
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            correct romeo@spark.test s1 hello_again
              publish message_changed romeo@spark.test Outgoing s1 "hello again" at 0 Pending edited=0
              answer Outgoing s1 "hello again" at 0 Pending edited=0
            resume
              publish connection_changed,connection:{state:online
              message romeo@spark.test new3 body=hello again about=Correct(("s1")) first-sent=0
              Inactive
        "#]],
    );
}

#[test]
fn what_is_taken_back_is_gone() {
    check(
        &up("- send romeo@spark.test s1 secret
         - recv romeo@spark.test/x id=m1 body=secret_too
         - recv romeo@spark.test/x id=m2 body=more
         recv mercutio@spark.test/x id=m3 retracts=m1
         recv romeo@spark.test/x id=m4 retracts=s1
         recv romeo@spark.test/x id=m5 retracts=m1
         recv romeo@spark.test/x id=m6 body=back replaces=m1
         recv romeo@spark.test/x id=m7 reacts=m1:👍
         retract romeo@spark.test s1
         retract romeo@spark.test s1
         retract romeo@spark.test m2
         correct romeo@spark.test s1 again
         react romeo@spark.test s1 👍
         recv romeo@spark.test/x id=m8 retracts=m9
         recv romeo@spark.test/x id=m9 body=too_late
         snapshot"),
        expect![[r#"
            recv mercutio@spark.test/x id=m3 retracts=m1
            recv romeo@spark.test/x id=m4 retracts=s1
            recv romeo@spark.test/x id=m5 retracts=m1
              publish message_changed romeo@spark.test Incoming m1 "" at 0 retracted=0
              publish conversation_changed romeo@spark.test unread=1 read=-
            recv romeo@spark.test/x id=m6 body=back replaces=m1
            recv romeo@spark.test/x id=m7 reacts=m1:👍
            retract romeo@spark.test s1
              message romeo@spark.test new2 about=Retract(("s1"))
              publish message_changed romeo@spark.test Outgoing s1 "" at 0 Pending retracted=0
              done
            retract romeo@spark.test s1
              done
            retract romeo@spark.test m2
              refused: the message is somebody else's
            correct romeo@spark.test s1 again
              refused: the message was taken back
            react romeo@spark.test s1 👍
              refused: the message was taken back
            recv romeo@spark.test/x id=m8 retracts=m9
            recv romeo@spark.test/x id=m9 body=too_late
              publish message_added romeo@spark.test Incoming m9 "" at 0 retracted=0
              publish conversation_changed romeo@spark.test unread=1 read=-
            snapshot
              contact romeo@spark.test Offline
              conversation romeo@spark.test 1 Incoming m9 "" at 0 retracted=0
        "#]],
    );
}

#[test]
fn the_latest_set_of_reactions_counts() {
    check(
        &up("- send romeo@spark.test s1 hi
         recv romeo@spark.test/x id=m1 reacts=s1:👍,🐢
         recv romeo@spark.test/y id=m2 reacts=s1:🐢
         recv romeo@spark.test/y id=m1 reacts=s1:👍,🐢 at=-9
         recv juliet@spark.test/phone to=romeo@spark.test id=m3 reacts=s1:🐢,👋 carbon=sent
         react romeo@spark.test s1 👋 👋
         react romeo@spark.test s1 👋
         react romeo@spark.test s1
         react romeo@spark.test s1 not-an_emoji 👋
         recv romeo@spark.test/x id=m4 reacts=s1:
         react romeo@spark.test s1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
         react romeo@spark.test s9 👋"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 reacts=s1:👍,🐢
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending 👍=romeo@spark.test 🐢=romeo@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
            recv romeo@spark.test/y id=m2 reacts=s1:🐢
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
            recv romeo@spark.test/y id=m1 reacts=s1:👍,🐢 at=-9
            recv juliet@spark.test/phone to=romeo@spark.test id=m3 reacts=s1:🐢,👋 carbon=sent
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test,juliet@spark.test 👋=juliet@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
            react romeo@spark.test s1 👋 👋
              message romeo@spark.test new2 about=React { to: ("s1"), emojis: ["👋"] }
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test 👋=juliet@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
              answer Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test 👋=juliet@spark.test
            react romeo@spark.test s1 👋
              answer Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test 👋=juliet@spark.test
            react romeo@spark.test s1
              message romeo@spark.test new3 about=React { to: ("s1"), emojis: [] }
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
              answer Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test
            react romeo@spark.test s1 not-an_emoji 👋
              message romeo@spark.test new4 about=React { to: ("s1"), emojis: ["not-an_emoji", "👋"] }
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test not-an_emoji=juliet@spark.test 👋=juliet@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
              answer Outgoing s1 "hi" at 0 Pending 🐢=romeo@spark.test not-an_emoji=juliet@spark.test 👋=juliet@spark.test
            recv romeo@spark.test/x id=m4 reacts=s1:
              publish message_changed romeo@spark.test Outgoing s1 "hi" at 0 Pending not-an_emoji=juliet@spark.test 👋=juliet@spark.test
              publish conversation_changed romeo@spark.test unread=0 read=-
            react romeo@spark.test s1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
              refused: a reaction must be an emoji of at most 64 bytes
            react romeo@spark.test s9 👋
              refused: the session knows of no such message in this conversation
        "#]],
    );
}

#[test]
fn history_folds_what_was_done_to_messages() {
    check(
        &up("history romeo@spark.test
         page QueryArchive | a3 romeo@spark.test/x id=m3 body=three at=-7 | a4 romeo@spark.test/x id=m4 body=3 replaces=m3 at=-6 | a5 juliet@spark.test/p to=romeo@spark.test id=s1 reacts=m1:👍 at=-5 | a6 romeo@spark.test/x id=m5 body=two! replaces=m2 at=-4 | a7 romeo@spark.test/x id=m6 retracts=m0 at=-3 | a8 romeo@spark.test/x id=m7 tombstone=-2 at=-2
         history romeo@spark.test a3
         page QueryArchive complete | a0 romeo@spark.test/x id=m0 body=gone at=-10 | a1 romeo@spark.test/x id=m1 body=one at=-9 | a2 romeo@spark.test/x id=m2 body=two at=-8
         recv romeo@spark.test/x id=m8 reacts=m1:👋
         react romeo@spark.test m1 👋"),
        expect![[r#"
            history romeo@spark.test
              ask 9 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page QueryArchive | a3 romeo@spark.test/x id=m3 body=three at=-7 | a4 romeo@spark.test/x id=m4 body=3 replaces=m3 at=-6 | a5 juliet@spark.test/p to=romeo@spark.test id=s1 reacts=m1:👍 at=-5 | a6 romeo@spark.test/x id=m5 body=two! replaces=m2 at=-4 | a7 romeo@spark.test/x id=m6 retracts=m0 at=-3 | a8 romeo@spark.test/x id=m7 tombstone=-2 at=-2
              page before=Some("a3")
                Incoming m3 "3" at -7 edited=-6
                Incoming m5 "two!" at -4
                Incoming m7 "" at -2 retracted=-2
            history romeo@spark.test a3
              ask 10 QueryArchive { with: Some(romeo@spark.test), before: Some(a3), after: None, start_ms: None, max: 2 }
            page QueryArchive complete | a0 romeo@spark.test/x id=m0 body=gone at=-10 | a1 romeo@spark.test/x id=m1 body=one at=-9 | a2 romeo@spark.test/x id=m2 body=two at=-8
              page before=None
                Incoming m0 "" at -10 retracted=-3
                Incoming m1 "one" at -9 👍=juliet@spark.test
                Incoming m2 "two" at -8
            recv romeo@spark.test/x id=m8 reacts=m1:👋
              publish message_changed romeo@spark.test Incoming m1 "one" at -9 👍=juliet@spark.test 👋=romeo@spark.test
            react romeo@spark.test m1 👋
              message romeo@spark.test new1 about=React { to: ("m1"), emojis: ["👋"] }
              publish message_changed romeo@spark.test Incoming m1 "one" at -9 👋=juliet@spark.test,romeo@spark.test
              answer Incoming m1 "one" at -9 👋=juliet@spark.test,romeo@spark.test
        "#]],
    );
}

#[test]
fn a_correction_that_comes_twice_changes_once() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=helo archive=a1
         - recv romeo@spark.test/x id=m2 body=hello replaces=m1 archive=a2
         - send romeo@spark.test s1 hi
         - correct romeo@spark.test s1 ho
         - suspend
         reset new2
         roster FetchRoster romeo@spark.test
         page QueryArchive complete | a3 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0 | a4 juliet@spark.test/s1 to=romeo@spark.test id=new2 body=ho replaces=s1 at=0"),
        expect![[r#"
            reset new2
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
            roster FetchRoster romeo@spark.test
              publish roster_replaced 1
            page QueryArchive complete | a3 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0 | a4 juliet@spark.test/s1 to=romeo@spark.test id=new2 body=ho replaces=s1 at=0
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
        "#]],
    );
}

#[test]
fn replies_quote_what_is_known_here() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=We_should_bake_a_cake
         reply romeo@spark.test s1 m1 Great_idea
         reply romeo@spark.test s2 m9 What?
         recv romeo@spark.test/x id=m2 body=Yes reply-to=s1
         correct romeo@spark.test s1 Great_idea!"),
        expect![[r#"
            reply romeo@spark.test s1 m1 Great_idea
              publish message_added romeo@spark.test Outgoing s1 "Great idea" at 0 Pending reply-to=m1
              publish conversation_changed romeo@spark.test unread=0 read=m1
              message romeo@spark.test s1 body=Great idea reply-to=m1/Some("romeo@spark.test/x") quote=We should bake a cake
              answer Pending
            reply romeo@spark.test s2 m9 What?
              publish message_added romeo@spark.test Outgoing s2 "What?" at 0 Pending reply-to=m9
              publish conversation_changed romeo@spark.test unread=0 read=m1
              message romeo@spark.test s2 body=What? reply-to=m9/None
              answer Pending
            recv romeo@spark.test/x id=m2 body=Yes reply-to=s1
              publish message_added romeo@spark.test Incoming m2 "Yes" at 0 reply-to=s1
              publish conversation_changed romeo@spark.test unread=1 read=m1
            correct romeo@spark.test s1 Great_idea!
              message romeo@spark.test new3 body=Great idea! about=Correct(("s1")) reply-to=m1/Some("romeo@spark.test/x") quote=We should bake a cake
              publish message_changed romeo@spark.test Outgoing s1 "Great idea!" at 0 Pending edited=0 reply-to=m1
              answer Outgoing s1 "Great idea!" at 0 Pending edited=0 reply-to=m1
        "#]],
    );
}

#[test]
fn drafts_are_shared_and_bounded() {
    check(
        &up("draft romeo@spark.test hel
         draft romeo@spark.test hel
         draft romeo@spark.test LONG
         draft romeo@spark.test NUL
         draft nurse@spark.test x
         snapshot
         draft romeo@spark.test"),
        expect![[r#"
            draft romeo@spark.test hel
              publish draft_changed,conversation:romeo@spark.test,text:hel
              done
            draft romeo@spark.test hel
              done
            draft romeo@spark.test LONG
              refused: the message has 65537 bytes, and 65536 are the most
            draft romeo@spark.test NUL
              refused: the message has a control character that XMPP can't carry
            draft nurse@spark.test x
              publish draft_changed,conversation:nurse@spark.test,text:x
              done
            snapshot
              contact romeo@spark.test Offline
            draft romeo@spark.test
              publish draft_changed,conversation:romeo@spark.test,text:
              done
        "#]],
    );
}

#[test]
fn a_closed_conversation_comes_back_with_the_next_message() {
    check(
        &up("- recv romeo@spark.test/x id=m1 body=hi
         close romeo@spark.test
         close romeo@spark.test
         snapshot
         recv romeo@spark.test/x id=m2 body=there?"),
        expect![[r#"
            close romeo@spark.test
              publish conversation_removed,jid:romeo@spark.test
              done
            close romeo@spark.test
              done
            snapshot
              contact romeo@spark.test Offline
            recv romeo@spark.test/x id=m2 body=there?
              publish message_added romeo@spark.test Incoming m2 "there?" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
        "#]],
    );
}
