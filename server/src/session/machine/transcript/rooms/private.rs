//! What is said in private in a room: with whom, and that nobody else gets it or has a word in it.

use expect_test::expect;

use super::{check, check_in};

const WOLF: &str = "den@rooms.spark.test/wolf";

#[test]
fn what_is_said_in_private_has_a_conversation_of_its_own() {
    check_in(
        "- facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         recv den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst wants-receipt markable archive=a1
         send den@rooms.spark.test/wolf s1 what? wait
         ack s1
         recv den@rooms.spark.test/wolf private oid=o2 received=s1
         recv den@rooms.spark.test/wolf private oid=o2 id=m2 body=come_here markable state=active archive=a2
         read den@rooms.spark.test/wolf m2
         typing den@rooms.spark.test/wolf
         recv den@rooms.spark.test/wolf private oid=o2 state=composing
         correct den@rooms.spark.test/wolf s1 what_is_it?
         room said den@rooms.spark.test/wolf oid=o2 id=g1 body=hi_all archive=r1
         recv juliet@spark.test/phone to=den@rooms.spark.test/wolf private carbon=sent id=p1 body=on_my_way
         room gone den@rooms.spark.test/wolf
         snapshot",
        expect![[r#"
            recv den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst wants-receipt markable archive=a1
              publish message_added den@rooms.spark.test/wolf Incoming m1 "psst" at 0
              publish conversation_changed den@rooms.spark.test/wolf unread=1 read=-
              message den@rooms.spark.test/wolf new1 received=m1
            send den@rooms.spark.test/wolf s1 what? wait
              publish message_added den@rooms.spark.test/wolf Outgoing s1 "what?" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=m1
              message den@rooms.spark.test/wolf s1 body=what?
            ack s1
              publish delivery_changed,conversation:den@rooms.spark.test/wolf,id:s1,delivery:{state:sent
              answer Sent
            recv den@rooms.spark.test/wolf private oid=o2 received=s1
              publish delivery_changed,conversation:den@rooms.spark.test/wolf,id:s1,delivery:{state:delivered
            recv den@rooms.spark.test/wolf private oid=o2 id=m2 body=come_here markable state=active archive=a2
              publish chat_state_changed,jid:den@rooms.spark.test/wolf,state:active
              publish message_added den@rooms.spark.test/wolf Incoming m2 "come here" at 0
              publish conversation_changed den@rooms.spark.test/wolf unread=1 read=m1
            read den@rooms.spark.test/wolf m2
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=m2
              message den@rooms.spark.test/wolf new3 displayed=m2
              ask 15 PublishReadMark(ReadMark { conversation: ConversationId(Jid("den@rooms.spark.test/wolf), archive_id: a2, by: Some(juliet@spark.test) })
              done
            typing den@rooms.spark.test/wolf
              message den@rooms.spark.test/wolf new4
              done
            recv den@rooms.spark.test/wolf private oid=o2 state=composing
              publish chat_state_changed,jid:den@rooms.spark.test/wolf,state:composing
            correct den@rooms.spark.test/wolf s1 what_is_it?
              message den@rooms.spark.test/wolf new5 body=what is it? about=Correct(("s1"))
              publish message_changed den@rooms.spark.test/wolf Outgoing s1 "what is it?" at 0 Delivered edited=0
              answer Outgoing s1 "what is it?" at 0 Delivered edited=0
            room said den@rooms.spark.test/wolf oid=o2 id=g1 body=hi_all archive=r1
              publish message_added den@rooms.spark.test Incoming g1 "hi all" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            recv juliet@spark.test/phone to=den@rooms.spark.test/wolf private carbon=sent id=p1 body=on_my_way
              publish message_added den@rooms.spark.test/wolf Outgoing p1 "on my way" at 0 Sent
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=m2
            room gone den@rooms.spark.test/wolf
              publish occupant_left,room:den@rooms.spark.test,nick:wolf,leaving:{reason:left
              publish chat_state_changed,jid:den@rooms.spark.test/wolf
            snapshot
              contact romeo@spark.test Offline
              conversation den@rooms.spark.test 1 Incoming g1 "hi all" at 0
              conversation den@rooms.spark.test/wolf 0 Outgoing p1 "on my way" at 0 Sent
        "#]],
    );
}

#[test]
fn nobody_gets_what_is_for_somebody_else() {
    check_in(
        "recv den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst
         room gone den@rooms.spark.test/wolf
         send den@rooms.spark.test/wolf s1 gone?
         room here den@rooms.spark.test/wolf id=o9
         send den@rooms.spark.test/wolf s2 are_you_there?
         typing den@rooms.spark.test/wolf
         read den@rooms.spark.test/wolf m1
         correct den@rooms.spark.test/wolf m1 x
         recv den@rooms.spark.test/wolf private oid=o9 received=m1 displayed=m1 state=composing
         recv den@rooms.spark.test/wolf private oid=o9 id=m9 replaces=m1 body=forged
         recv den@rooms.spark.test/wolf private oid=o9 id=m9 retracts=m1
         draft den@rooms.spark.test/wolf dear_wolf
         recv den@rooms.spark.test/wolf private oid=o9 id=m8 body=hello
         send den@rooms.spark.test/wolf s3 who_are_you?
         room gone den@rooms.spark.test/wolf to=lamb
         room here den@rooms.spark.test/lamb id=o9
         send den@rooms.spark.test/wolf s4 hello?
         send den@rooms.spark.test/lamb s5 hello?
         send den@rooms.spark.test/fox s6 hello?
         send lair@rooms.spark.test/fox s7 hello?
         room leave den@rooms.spark.test
         send den@rooms.spark.test/lamb s8 hello?",
        expect![[r#"
            recv den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst
              publish message_added den@rooms.spark.test/wolf Incoming m1 "psst" at 0
              publish conversation_changed den@rooms.spark.test/wolf unread=1 read=-
            room gone den@rooms.spark.test/wolf
              publish occupant_left,room:den@rooms.spark.test,nick:wolf,leaving:{reason:left
            send den@rooms.spark.test/wolf s1 gone?
              refused: whom this is for is not in the room under this nickname
            room here den@rooms.spark.test/wolf id=o9
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:wolf,occupant_id:o9,role:participant,affiliation:none,presence:{availability:available
            send den@rooms.spark.test/wolf s2 are_you_there?
              refused: whom this is for is not in the room under this nickname
            typing den@rooms.spark.test/wolf
              done
            read den@rooms.spark.test/wolf m1
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=m1
              done
            correct den@rooms.spark.test/wolf m1 x
              refused: the message is somebody else's
            recv den@rooms.spark.test/wolf private oid=o9 received=m1 displayed=m1 state=composing
            recv den@rooms.spark.test/wolf private oid=o9 id=m9 replaces=m1 body=forged
            recv den@rooms.spark.test/wolf private oid=o9 id=m9 retracts=m1
            draft den@rooms.spark.test/wolf dear_wolf
              publish draft_changed,conversation:den@rooms.spark.test/wolf,text:dear wolf
              done
            recv den@rooms.spark.test/wolf private oid=o9 id=m8 body=hello
              publish conversation_removed,jid:den@rooms.spark.test/wolf
              publish history_changed,conversation:den@rooms.spark.test/wolf
              publish draft_changed,conversation:den@rooms.spark.test/wolf,text:
              publish message_added den@rooms.spark.test/wolf Incoming m8 "hello" at 0
              publish conversation_changed den@rooms.spark.test/wolf unread=1 read=-
            send den@rooms.spark.test/wolf s3 who_are_you?
              publish message_added den@rooms.spark.test/wolf Outgoing s3 "who are you?" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=m8
              message den@rooms.spark.test/wolf s3 body=who are you?
              answer Pending
            room gone den@rooms.spark.test/wolf to=lamb
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:lamb,occupant_id:o9,role:participant,affiliation:none,presence:{availability:available}},former_nick:wolf
            room here den@rooms.spark.test/lamb id=o9
            send den@rooms.spark.test/wolf s4 hello?
              refused: whom this is for is not in the room under this nickname
            send den@rooms.spark.test/lamb s5 hello?
              publish message_added den@rooms.spark.test/lamb Outgoing s5 "hello?" at 0 Pending
              publish conversation_changed den@rooms.spark.test/lamb unread=0 read=-
              message den@rooms.spark.test/lamb s5 body=hello?
              answer Pending
            send den@rooms.spark.test/fox s6 hello?
              refused: whom this is for is not in the room under this nickname
            send lair@rooms.spark.test/fox s7 hello?
              refused: the person is not in the room in which this is for somebody
            room leave den@rooms.spark.test
              Leave { to: Jid("den@rooms.spark.test/me }
              publish room_left,room:den@rooms.spark.test,leaving:{reason:left
              publish conversation_removed,jid:den@rooms.spark.test
              left
            send den@rooms.spark.test/lamb s8 hello?
              refused: the person is not in the room in which this is for somebody
        "#]],
    );
}

#[test]
fn who_a_room_has_no_name_for_is_somebody_for_as_long_as_they_stay() {
    check(
        "- reset
         - roster 2
         - page 4 complete
         - room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo old
         - room here den@rooms.spark.test/wolf
         - room here den@rooms.spark.test/me self
         send den@rooms.spark.test/wolf s1 hello
         room gone den@rooms.spark.test/wolf
         room here den@rooms.spark.test/wolf
         send den@rooms.spark.test/wolf s2 hello?
         recv den@rooms.spark.test/wolf id=m1 replaces=s1 body=forged
         close den@rooms.spark.test/wolf
         send den@rooms.spark.test/wolf s3 hello,_whoever
         room leave den@rooms.spark.test
         room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo old
         - room here den@rooms.spark.test/wolf
         - room here den@rooms.spark.test/me self
         send den@rooms.spark.test/wolf s4 hello?",
        expect![[r#"
            send den@rooms.spark.test/wolf s1 hello
              publish message_added den@rooms.spark.test/wolf Outgoing s1 "hello" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              message den@rooms.spark.test/wolf s1 body=hello
              answer Pending
            room gone den@rooms.spark.test/wolf
              publish occupant_left,room:den@rooms.spark.test,nick:wolf,leaving:{reason:left
            room here den@rooms.spark.test/wolf
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:wolf,role:participant,affiliation:none,presence:{availability:available
            send den@rooms.spark.test/wolf s2 hello?
              refused: whom this is for is not in the room under this nickname
            recv den@rooms.spark.test/wolf id=m1 replaces=s1 body=forged
            close den@rooms.spark.test/wolf
              publish conversation_removed,jid:den@rooms.spark.test/wolf
              done
            send den@rooms.spark.test/wolf s3 hello,_whoever
              publish message_added den@rooms.spark.test/wolf Outgoing s3 "hello, whoever" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              message den@rooms.spark.test/wolf s3 body=hello, whoever
              answer Pending
            room leave den@rooms.spark.test
              Leave { to: Jid("den@rooms.spark.test/me }
              publish room_left,room:den@rooms.spark.test,leaving:{reason:left
              publish conversation_removed,jid:den@rooms.spark.test
              left
            room join den@rooms.spark.test nick=me
              ask 10 FetchRoomInfo { room: den@rooms.spark.test }
            send den@rooms.spark.test/wolf s4 hello?
              refused: whom this is for is not in the room under this nickname
        "#]],
    );
}

#[test]
fn what_waits_is_for_whom_it_was_written_to() {
    check_in(
        "room here den@rooms.spark.test/fox id=o3
         - history den@rooms.spark.test/fox
         - history den@rooms.spark.test/wolf
         suspend
         send den@rooms.spark.test/wolf s1 hi_wolf
         send den@rooms.spark.test/fox s2 hi_fox
         send den@rooms.spark.test s3 hi_all
         resume
         room gone den@rooms.spark.test/fox
         room here den@rooms.spark.test/fox id=o9
         room pong PingSelf there
         ack s1
         send den@rooms.spark.test/wolf s4 again
         reset s4
         refuse QueryArchive gone
         page QueryArchive complete
         - room here den@rooms.spark.test/wolf id=o9
         - room here den@rooms.spark.test/sheep id=o2
         room here den@rooms.spark.test/me self id=o1
         room page QueryArchive complete",
        expect![[r#"
            room here den@rooms.spark.test/fox id=o3
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:fox,occupant_id:o3,role:participant,affiliation:none,presence:{availability:available
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            send den@rooms.spark.test/wolf s1 hi_wolf
              publish message_added den@rooms.spark.test/wolf Outgoing s1 "hi wolf" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              answer Pending
            send den@rooms.spark.test/fox s2 hi_fox
              publish message_added den@rooms.spark.test/fox Outgoing s2 "hi fox" at 0 Pending
              publish conversation_changed den@rooms.spark.test/fox unread=0 read=-
              answer Pending
            send den@rooms.spark.test s3 hi_all
              publish message_added den@rooms.spark.test Outgoing s3 "hi all" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              answer Pending
            resume
              publish connection_changed,connection:{state:online
              Inactive
              ask 13 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room gone den@rooms.spark.test/fox
              publish occupant_left,room:den@rooms.spark.test,nick:fox,leaving:{reason:left
            room here den@rooms.spark.test/fox id=o9
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:fox,occupant_id:o9,role:participant,affiliation:none,presence:{availability:available
            room pong PingSelf there
              message den@rooms.spark.test/wolf s1 body=hi wolf first-sent=0
              publish delivery_changed,conversation:den@rooms.spark.test/fox,id:s2,delivery:{state:failed,reason:not_found
              message den@rooms.spark.test s3 in-room body=hi all first-sent=0
            ack s1
              publish delivery_changed,conversation:den@rooms.spark.test/wolf,id:s1,delivery:{state:sent
            send den@rooms.spark.test/wolf s4 again
              publish message_added den@rooms.spark.test/wolf Outgoing s4 "again" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              message den@rooms.spark.test/wolf s4 body=again
              answer Pending
            reset s4
              ask 14 EnableCarbons
              ask 15 FetchRoster { version: None }
              ask 16 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 17 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
              ask 18 FetchNickname { jid: juliet@spark.test }
              ask 19 FetchReadMarks
              ask 20 FetchBlocks
              ask 21 FetchAvatarHash { jid: juliet@spark.test }
            refuse QueryArchive gone
            page QueryArchive complete
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:3,has_archive:true
              ask 22 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            room page QueryArchive complete
              message den@rooms.spark.test s3 in-room body=hi all first-sent=0
              publish delivery_changed,conversation:den@rooms.spark.test/wolf,id:s4,delivery:{state:failed,reason:not_found
        "#]],
    );
}

#[test]
fn private_messages_are_in_the_own_archive_and_never_of_the_room() {
    check(
        "- reset
         - roster 2
         page QueryArchive complete | a1 den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst at=1 | a2 juliet@spark.test/phone to=den@rooms.spark.test/wolf private id=p1 body=what? at=2 | a3 den@rooms.spark.test/wolf id=m3 body=unmarked at=3
         room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo archive
         - room here den@rooms.spark.test/wolf id=o2
         room here den@rooms.spark.test/me self id=o1
         history den@rooms.spark.test/wolf a9
         page QueryArchive | a0 den@rooms.spark.test/fox private oid=o3 id=m0 body=not_this at=0 | a5 den@rooms.spark.test/wolf private oid=o7 id=m5 body=nor_this at=1
         page QueryArchive complete | a1 den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst at=1 | a2 juliet@spark.test/phone to=den@rooms.spark.test/wolf private id=p1 body=what? at=2
         recv romeo@spark.test/x private id=m4 body=no_room
         snapshot",
        expect![[r#"
            page QueryArchive complete | a1 den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst at=1 | a2 juliet@spark.test/phone to=den@rooms.spark.test/wolf private id=p1 body=what? at=2 | a3 den@rooms.spark.test/wolf id=m3 body=unmarked at=3
              publish conversation_changed den@rooms.spark.test unread=0 read=-
              publish connection_changed,connection:{state:online
            room join den@rooms.spark.test nick=me
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              publish conversation_removed,jid:den@rooms.spark.test
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              ask 10 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
              in den@rooms.spark.test as me Participant
            history den@rooms.spark.test/wolf a9
              ask 11 QueryArchive { with: Some(den@rooms.spark.test), before: Some(a9), after: None, start_ms: None, max: 2 }
            page QueryArchive | a0 den@rooms.spark.test/fox private oid=o3 id=m0 body=not_this at=0 | a5 den@rooms.spark.test/wolf private oid=o7 id=m5 body=nor_this at=1
              ask 12 QueryArchive { with: Some(den@rooms.spark.test), before: Some(a0), after: None, start_ms: None, max: 2 }
            page QueryArchive complete | a1 den@rooms.spark.test/wolf private oid=o2 id=m1 body=psst at=1 | a2 juliet@spark.test/phone to=den@rooms.spark.test/wolf private id=p1 body=what? at=2
              page before=None
                Incoming m1 "psst" at 0
                Outgoing p1 "what?" at 0 Sent
            recv romeo@spark.test/x private id=m4 body=no_room
            snapshot
              conversation den@rooms.spark.test/wolf 0 Outgoing p1 "what?" at 0 Sent
        "#]],
    );
}

#[test]
fn what_comes_back_failed() {
    check_in(
        &format!(
            "send {WOLF} s1 hi\nrecv {WOLF} error id=s1\nsend {WOLF} s2 hi\nrecv den@rooms.spark.test error id=s2"
        ),
        expect![[r#"
            send den@rooms.spark.test/wolf s1 hi
              publish message_added den@rooms.spark.test/wolf Outgoing s1 "hi" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              message den@rooms.spark.test/wolf s1 body=hi
              answer Pending
            recv den@rooms.spark.test/wolf error id=s1
              publish delivery_changed,conversation:den@rooms.spark.test/wolf,id:s1,delivery:{state:failed,reason:not_found
            send den@rooms.spark.test/wolf s2 hi
              publish message_added den@rooms.spark.test/wolf Outgoing s2 "hi" at 0 Pending
              publish conversation_changed den@rooms.spark.test/wolf unread=0 read=-
              message den@rooms.spark.test/wolf s2 body=hi
              answer Pending
            recv den@rooms.spark.test error id=s2
              publish delivery_changed,conversation:den@rooms.spark.test/wolf,id:s2,delivery:{state:failed,reason:not_found
        "#]],
    );
}
