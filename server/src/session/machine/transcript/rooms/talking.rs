//! What is said in rooms, and what they are about.

use expect_test::expect;

use super::check_in;

#[test]
fn what_one_says_is_sent_when_the_room_has_said_it() {
    check_in(
        "send den@rooms.spark.test s1 hi wait
         ack s1
         room said den@rooms.spark.test/wolf id=s1 body=hi oid=o2
         room said den@rooms.spark.test/me id=s1 body=hi oid=o1 archive=r5
         room said den@rooms.spark.test/me id=phone body=ho oid=o1 archive=r6
         send den@rooms.spark.test s2 hi
         room said den@rooms.spark.test/me id=changed origin=s2 body=hi oid=o1 archive=r7
         send den@rooms.spark.test s3 hi
         recv den@rooms.spark.test/wolf id=s3 error
         recv den@rooms.spark.test/wolf received=s3
         recv den@rooms.spark.test id=s3 error
         read den@rooms.spark.test s1",
        expect![[r#"
            send den@rooms.spark.test s1 hi wait
              publish message_added den@rooms.spark.test Outgoing s1 "hi" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              message den@rooms.spark.test s1 in-room body=hi
            ack s1
            room said den@rooms.spark.test/wolf id=s1 body=hi oid=o2
              publish message_added den@rooms.spark.test Incoming s1 "hi" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room said den@rooms.spark.test/me id=s1 body=hi oid=o1 archive=r5
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
              answer Sent
            room said den@rooms.spark.test/me id=phone body=ho oid=o1 archive=r6
              publish message_added den@rooms.spark.test Outgoing phone "ho" at 0 Sent
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=s1
            send den@rooms.spark.test s2 hi
              publish message_added den@rooms.spark.test Outgoing s2 "hi" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=s1
              message den@rooms.spark.test s2 in-room body=hi
              answer Pending
            room said den@rooms.spark.test/me id=changed origin=s2 body=hi oid=o1 archive=r7
              publish delivery_changed,conversation:den@rooms.spark.test,id:s2,delivery:{state:sent
            send den@rooms.spark.test s3 hi
              publish message_added den@rooms.spark.test Outgoing s3 "hi" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=s1
              message den@rooms.spark.test s3 in-room body=hi
              answer Pending
            recv den@rooms.spark.test/wolf id=s3 error
            recv den@rooms.spark.test/wolf received=s3
            recv den@rooms.spark.test id=s3 error
              publish delivery_changed,conversation:den@rooms.spark.test,id:s3,delivery:{state:failed,reason:not_found
            read den@rooms.spark.test s1
              done
        "#]],
    );
}

#[test]
fn subjects_and_nicknames_change_when_the_room_says_so() {
    check_in(
        "room subject den@rooms.spark.test new_subject
         room said den@rooms.spark.test/wolf subject=another
         room said den@rooms.spark.test/me subject=new_subject
         room subject den@rooms.spark.test another
         recv den@rooms.spark.test id=new2 error
         room said den@rooms.spark.test/wolf id=m1 body=text 
         room nick den@rooms.spark.test you
         room no den@rooms.spark.test/you taken
         room nick den@rooms.spark.test you
         room gone den@rooms.spark.test/me self to=you
         room here den@rooms.spark.test/you self id=o1
         room gone den@rooms.spark.test/wolf to=sheep
         room here den@rooms.spark.test/sheep id=o2
         room nick den@rooms.spark.test NUL/",
        expect![[r#"
            room subject den@rooms.spark.test new_subject
              message den@rooms.spark.test new1 in-room subject=new subject
            room said den@rooms.spark.test/wolf subject=another
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,subject:{text:another,by:wolf},has_archive:true
            room said den@rooms.spark.test/me subject=new_subject
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,subject:{text:new subject,by:me},has_archive:true
              Ok(())
            room subject den@rooms.spark.test another
              message den@rooms.spark.test new2 in-room subject=another
            recv den@rooms.spark.test id=new2 error
              Err(Refused(NotAllowed))
            room said den@rooms.spark.test/wolf id=m1 body=text
              publish message_added den@rooms.spark.test Incoming m1 "text" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room nick den@rooms.spark.test you
              InRoom { to: Jid("den@rooms.spark.test/you, availability: Available, status: None }
            room no den@rooms.spark.test/you taken
              Err(Refused(NickTaken))
            room nick den@rooms.spark.test you
              InRoom { to: Jid("den@rooms.spark.test/you, availability: Available, status: None }
            room gone den@rooms.spark.test/me self to=you
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:you,occupant_id:o1,role:participant,affiliation:none,presence:{availability:available}},former_nick:me
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:you,role:participant,affiliation:none,occupant_id:o1,occupants:2,subject:{text:new subject,by:me},has_archive:true
              Ok(())
            room here den@rooms.spark.test/you self id=o1
            room gone den@rooms.spark.test/wolf to=sheep
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:sheep,occupant_id:o2,role:participant,affiliation:none,presence:{availability:available}},former_nick:wolf
            room here den@rooms.spark.test/sheep id=o2
            room nick den@rooms.spark.test NUL/
              InRoom { to: Jid("den@rooms.spark.test/NUL/, availability: Available, status: None }
        "#]],
    );
}

#[test]
fn being_sent_away_is_told_with_its_reason() {
    for (line, expected) in [
        (
            "room gone den@rooms.spark.test/me self kicked by=wolf",
            expect![[r#"
            room gone den@rooms.spark.test/me self kicked by=wolf
              publish room_left,room:den@rooms.spark.test,leaving:{reason:kicked,by:wolf
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:failed,reason:refused
        "#]],
        ),
        (
            "room gone den@rooms.spark.test/me self banned",
            expect![[r#"
            room gone den@rooms.spark.test/me self banned
              publish room_left,room:den@rooms.spark.test,leaving:{reason:banned
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:failed,reason:refused
        "#]],
        ),
        (
            "room gone den@rooms.spark.test/me self destroyed alternate=lair@rooms.spark.test",
            expect![[r#"
            room gone den@rooms.spark.test/me self destroyed alternate=lair@rooms.spark.test
              publish room_left,room:den@rooms.spark.test,leaving:{reason:destroyed,alternate:lair@rooms.spark.test
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:failed,reason:refused
        "#]],
        ),
        (
            "room gone den@rooms.spark.test/wolf kicked by=me",
            expect![[r#"
            room gone den@rooms.spark.test/wolf kicked by=me
              publish occupant_left,room:den@rooms.spark.test,nick:wolf,leaving:{reason:kicked,by:me
        "#]],
        ),
    ] {
        check_in(&format!("- send den@rooms.spark.test s1 hi\n{line}"), expected);
    }
}

#[test]
fn who_is_named_is_told_so() {
    check_in(
        "- facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         room said den@rooms.spark.test/wolf oid=o2 id=m1 body=Hi_all archive=r1
         room said den@rooms.spark.test/wolf oid=o2 id=m2 body=and_you,_ME archive=r2
         room said den@rooms.spark.test/wolf oid=o2 id=m3 body=the_menu archive=r3
         room said den@rooms.spark.test/wolf oid=o2 id=m4 replaces=m3 body=the_menu_for_me archive=r4
         - room bookmark den@rooms.spark.test nick=me notify=mentions
         room done PublishBookmark
         room said den@rooms.spark.test/wolf oid=o2 id=m5 body=Hi archive=r5
         read den@rooms.spark.test m2
         room said den@rooms.spark.test/wolf oid=o2 id=m6 retracts=m3
         - room bookmark den@rooms.spark.test nick=me notify=never
         room done PublishBookmark
         read den@rooms.spark.test m5
         room said den@rooms.spark.test/me oid=o1 id=m7 body=me archive=r7",
        expect![[r#"
            room said den@rooms.spark.test/wolf oid=o2 id=m1 body=Hi_all archive=r1
              publish message_added den@rooms.spark.test Incoming m1 "Hi all" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room said den@rooms.spark.test/wolf oid=o2 id=m2 body=and_you,_ME archive=r2
              publish message_added den@rooms.spark.test Incoming m2 "and you, ME" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=- mentions=1
            room said den@rooms.spark.test/wolf oid=o2 id=m3 body=the_menu archive=r3
              publish message_added den@rooms.spark.test Incoming m3 "the menu" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=3 read=- mentions=1
            room said den@rooms.spark.test/wolf oid=o2 id=m4 replaces=m3 body=the_menu_for_me archive=r4
              publish message_changed den@rooms.spark.test Incoming m3 "the menu for me" at 0 edited=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=3 read=- mentions=2
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:false,notify:on_mention
              publish conversation_changed den@rooms.spark.test "The Den" unread=3 read=- mentions=2 noteworthy=2
              Bookmark { jid: BareJid("den@rooms.spark.test"), name: None, nick: Some("me"), has_password: false, autojoin: false, notify: Some(OnMention) }
            room said den@rooms.spark.test/wolf oid=o2 id=m5 body=Hi archive=r5
              publish message_added den@rooms.spark.test Incoming m5 "Hi" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=4 read=- mentions=2 noteworthy=2
            read den@rooms.spark.test m2
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=m2 mentions=1 noteworthy=1
              ask 16 PublishReadMark(ReadMark { conversation: ConversationId(Jid("den@rooms.spark.test), archive_id: r2, by: Some(den@rooms.spark.test) })
              done
            room said den@rooms.spark.test/wolf oid=o2 id=m6 retracts=m3
              publish message_changed den@rooms.spark.test Incoming m3 "" at 0 retracted=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=m2 noteworthy=0
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:false,notify:never
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=m2 noteworthy=0
              Bookmark { jid: BareJid("den@rooms.spark.test"), name: None, nick: Some("me"), has_password: false, autojoin: false, notify: Some(Never) }
            read den@rooms.spark.test m5
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m5
              ask 18 PublishReadMark(ReadMark { conversation: ConversationId(Jid("den@rooms.spark.test), archive_id: r5, by: Some(den@rooms.spark.test) })
              done
            room said den@rooms.spark.test/me oid=o1 id=m7 body=me archive=r7
              publish message_added den@rooms.spark.test Outgoing m7 "me" at 0 Sent
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m5
        "#]],
    );
}

#[test]
fn a_room_that_is_renamed_has_its_conversation_renamed() {
    check_in(
        "- facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         - room said den@rooms.spark.test/wolf oid=o2 id=m1 body=hi archive=r1
         room said den@rooms.spark.test reconfigured
         room about FetchRoomInfo archive name=The_Lair
         - room bookmark den@rooms.spark.test name=Ours
         room done PublishBookmark",
        expect![[r#"
            room said den@rooms.spark.test reconfigured
              ask 15 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo archive name=The_Lair
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Lair,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              publish conversation_changed den@rooms.spark.test "The Lair" unread=1 read=-
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,name:Ours,has_password:false,autojoin:false
              publish conversation_changed den@rooms.spark.test "Ours" unread=1 read=-
              Bookmark { jid: BareJid("den@rooms.spark.test"), name: Some("Ours"), nick: None, has_password: false, autojoin: false, notify: None }
        "#]],
    );
}
