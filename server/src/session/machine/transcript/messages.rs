//! What comes in, what goes out, and how far it has come.

use expect_test::expect;

use super::{check, up};

#[test]
fn messages_come_in_and_are_read() {
    check(
        &up("recv romeo@spark.test/x id=m1 body=hi markable wants-receipt
         recv romeo@spark.test/x id=m1 body=hi
         recv romeo@spark.test/x id=m2 body=again
         recv romeo@spark.test/x id=m3 body=news headline
         read romeo@spark.test m1
         read romeo@spark.test m1
         read romeo@spark.test m9
         read romeo@spark.test m2
         recv stranger@spark.test/x id=m4 body=psst wants-receipt markable
         read stranger@spark.test m4"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 body=hi markable wants-receipt
              publish message_added romeo@spark.test Incoming m1 "hi" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
              message romeo@spark.test/x new1 received=m1
            recv romeo@spark.test/x id=m1 body=hi
            recv romeo@spark.test/x id=m2 body=again
              publish message_added romeo@spark.test Incoming m2 "again" at 0
              publish conversation_changed romeo@spark.test unread=2 read=-
            recv romeo@spark.test/x id=m3 body=news headline
              publish message_added romeo@spark.test Incoming m3 "news" at 0
              publish conversation_changed romeo@spark.test unread=2 read=-
            read romeo@spark.test m1
              publish conversation_changed romeo@spark.test unread=1 read=m1
              message romeo@spark.test new2 displayed=m1
              done
            read romeo@spark.test m1
              done
            read romeo@spark.test m9
              done
            read romeo@spark.test m2
              publish conversation_changed romeo@spark.test unread=0 read=m2
              done
            recv stranger@spark.test/x id=m4 body=psst wants-receipt markable
              publish message_added stranger@spark.test Incoming m4 "psst" at 0
              publish conversation_changed stranger@spark.test unread=1 read=-
            read stranger@spark.test m4
              publish conversation_changed stranger@spark.test unread=0 read=m4
              done
        "#]],
    );
}

#[test]
fn what_another_client_did_counts_here() {
    check(
        &up("recv romeo@spark.test/x id=m1 body=hi carbon=received wants-receipt
         recv juliet@spark.test/phone to=romeo@spark.test displayed=m1 carbon=sent
         recv juliet@spark.test/phone to=romeo@spark.test id=m2 body=yes carbon=sent
         recv romeo@spark.test/x received=m2"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 body=hi carbon=received wants-receipt
              publish message_added romeo@spark.test Incoming m1 "hi" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
            recv juliet@spark.test/phone to=romeo@spark.test displayed=m1 carbon=sent
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv juliet@spark.test/phone to=romeo@spark.test id=m2 body=yes carbon=sent
              publish message_added romeo@spark.test Outgoing m2 "yes" at 0 Sent
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv romeo@spark.test/x received=m2
              publish delivery_changed,conversation:romeo@spark.test,id:m2,delivery:{state:delivered
        "#]],
    );
}

#[test]
fn a_message_is_sent_once_and_comes_far() {
    check(
        &up("send romeo@spark.test s1 hi wait
         send romeo@spark.test s1 hi
         send romeo@spark.test s1 other
         send nurse@spark.test s1 hi
         ack s1
         ack s1
         recv romeo@spark.test/x received=s1
         recv romeo@spark.test/x displayed=s1
         recv romeo@spark.test/x received=s1
         send romeo@spark.test s1 hi wait"),
        expect![[r#"
            send romeo@spark.test s1 hi wait
              publish message_added romeo@spark.test Outgoing s1 "hi" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              message romeo@spark.test s1 body=hi
            send romeo@spark.test s1 hi
              answer Pending
            send romeo@spark.test s1 other
              refused: this message id was used for another message
            send nurse@spark.test s1 hi
              refused: this message id was used for another message
            ack s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              answer Sent
            ack s1
            recv romeo@spark.test/x received=s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:delivered
            recv romeo@spark.test/x displayed=s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:displayed
            recv romeo@spark.test/x received=s1
            send romeo@spark.test s1 hi wait
              answer Displayed
        "#]],
    );
}

#[test]
fn what_the_connection_has_no_room_for_goes_out_later() {
    check(
        &up("- send romeo@spark.test s1 hi
         - send romeo@spark.test s2 ho
         full romeo@spark.test s2
         ack s1
         full romeo@spark.test s2
         tick 5000
         tick 5000
         ack s2
         full romeo@spark.test unheard-of"),
        expect![[r#"
            full romeo@spark.test s2
            ack s1
              message romeo@spark.test s2 body=ho first-sent=0
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
            full romeo@spark.test s2
            tick 5000
              message romeo@spark.test s2 body=ho first-sent=0
            tick 5000
            ack s2
              publish delivery_changed,conversation:romeo@spark.test,id:s2,delivery:{state:sent
            full romeo@spark.test unheard-of
        "#]],
    );
}

#[test]
fn only_the_other_side_knows_what_became_of_a_message() {
    check(
        &up("- send romeo@spark.test s1 hi
         - ack s1
         recv mercutio@spark.test/x received=s1
         recv mercutio@spark.test/x displayed=s1
         recv mercutio@spark.test/x id=s1 error
         recv romeo@spark.test/x received=unheard-of
         recv romeo@spark.test id=s1 error
         recv romeo@spark.test/x displayed=s1"),
        expect![[r#"
            recv mercutio@spark.test/x received=s1
            recv mercutio@spark.test/x displayed=s1
            recv mercutio@spark.test/x id=s1 error
            recv romeo@spark.test/x received=unheard-of
            recv romeo@spark.test id=s1 error
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:failed,reason:not_found
            recv romeo@spark.test/x displayed=s1
        "#]],
    );
}

#[test]
fn messages_that_cannot_be_sent_are_refused() {
    check(
        &up("send romeo@spark.test s1 EMPTY
         send romeo@spark.test s1 LONG
         send romeo@spark.test s1 NUL"),
        expect![[r#"
            send romeo@spark.test s1 EMPTY
              refused: the message is empty
            send romeo@spark.test s1 LONG
              refused: the message has 65537 bytes, and 65536 are the most
            send romeo@spark.test s1 NUL
              refused: the message has a control character that XMPP can't carry
        "#]],
    );
}

#[test]
fn typing_shows_and_wears_off() {
    check(
        &up("- presence romeo@spark.test/x there
         recv romeo@spark.test/x state=composing
         recv romeo@spark.test/x state=composing
         tick 60000
         recv romeo@spark.test/x state=composing
         recv romeo@spark.test/x id=m1 body=hi state=active
         recv romeo@spark.test/x state=composing
         presence romeo@spark.test/x gone"),
        expect![[r#"
            recv romeo@spark.test/x state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
            recv romeo@spark.test/x state=composing
            tick 60000
              publish chat_state_changed,jid:romeo@spark.test
            recv romeo@spark.test/x state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
            recv romeo@spark.test/x id=m1 body=hi state=active
              publish chat_state_changed,jid:romeo@spark.test,state:active
              publish message_added romeo@spark.test Incoming m1 "hi" at 60000
              publish conversation_changed romeo@spark.test unread=1 read=-
            recv romeo@spark.test/x state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
            presence romeo@spark.test/x gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:offline,since_ms:60000
              publish chat_state_changed,jid:romeo@spark.test
        "#]],
    );
}

#[test]
fn what_is_for_programs_alone_is_no_message() {
    check(
        &up("recv romeo@spark.test/x id=m1 data={\"a\":1}
         recv romeo@spark.test/x id=m2 body=hi data=1
         recv romeo@spark.test/x id=m3 data=2 state=composing
         recv juliet@spark.test/y id=m4 data=3
         snapshot"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 data={"a":1}
              publish data_received,conversation:romeo@spark.test,from:romeo@spark.test/x,to:juliet@spark.test,data:{\a\:1
            recv romeo@spark.test/x id=m2 body=hi data=1
              publish message_added romeo@spark.test Incoming m2 "hi" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
            recv romeo@spark.test/x id=m3 data=2 state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
              publish data_received,conversation:romeo@spark.test,from:romeo@spark.test/x,to:juliet@spark.test,data:2
            recv juliet@spark.test/y id=m4 data=3
            snapshot
              contact romeo@spark.test Offline
              conversation romeo@spark.test 1 Incoming m2 "hi" at 0
        "#]],
    );
}

#[test]
fn a_stamp_of_the_senders_making_moves_nothing() {
    check(
        &up("tick 1000
         - recv romeo@spark.test/x id=m1 body=now
         recv romeo@spark.test/x id=m2 body=of_1970 at=0
         recv romeo@spark.test/x id=m3 body=of_2100 at=4102444800000
         recv mercutio@spark.test/x id=m4 body=kept_for_her at=500
         snapshot"),
        expect![[r#"
            tick 1000
            recv romeo@spark.test/x id=m2 body=of_1970 at=0
              publish message_added romeo@spark.test Incoming m2 "of 1970" at 1000 delayed
              publish conversation_changed romeo@spark.test unread=2 read=-
            recv romeo@spark.test/x id=m3 body=of_2100 at=4102444800000
              publish message_added romeo@spark.test Incoming m3 "of 2100" at 1000 delayed
              publish conversation_changed romeo@spark.test unread=3 read=-
            recv mercutio@spark.test/x id=m4 body=kept_for_her at=500
              publish message_added mercutio@spark.test Incoming m4 "kept for her" at 500 delayed
              publish conversation_changed mercutio@spark.test unread=1 read=-
            snapshot
              contact romeo@spark.test Offline
              conversation romeo@spark.test 3 Incoming m3 "of 2100" at 1000 delayed
              conversation mercutio@spark.test 1 Incoming m4 "kept for her" at 500 delayed
        "#]],
    );
}
