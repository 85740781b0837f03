//! Bookmarks, invitations, and keeping order.

use expect_test::expect;

use super::super::{check, up};
use super::check_in;

#[test]
fn rooms_that_one_is_always_in_are_gone_into() {
    check(
        &up("room bookmarks FetchBookmarks den@rooms.spark.test:auto lair@rooms.spark.test
         room about FetchRoomInfo archive
         room here den@rooms.spark.test/me self id=o1
         room leave den@rooms.spark.test
         - reset
         room bookmarks FetchBookmarks den@rooms.spark.test:auto lair@rooms.spark.test
         room bookmarked juliet@spark.test lair@rooms.spark.test:auto
         room bookmarked juliet@spark.test -lair@rooms.spark.test
         room bookmarked romeo@spark.test lair@rooms.spark.test:auto
         snapshot"),
        expect![[r#"
            room bookmarks FetchBookmarks den@rooms.spark.test:auto lair@rooms.spark.test
              publish bookmarks_replaced,bookmarks:[{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:true},{jid:lair@rooms.spark.test,nick:me,has_password:false,autojoin:false}]
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo archive
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              ask 10 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            room leave den@rooms.spark.test
              Leave { to: Jid("den@rooms.spark.test/me }
              publish room_left,room:den@rooms.spark.test,leaving:{reason:left
              publish conversation_removed,jid:den@rooms.spark.test
              left
            room bookmarks FetchBookmarks den@rooms.spark.test:auto lair@rooms.spark.test
            room bookmarked juliet@spark.test lair@rooms.spark.test:auto
              publish bookmark_changed,bookmark:{jid:lair@rooms.spark.test,nick:me,has_password:false,autojoin:true
              ask 19 FetchRoomInfo { room: lair@rooms.spark.test }
            room bookmarked juliet@spark.test -lair@rooms.spark.test
              publish bookmark_removed,jid:lair@rooms.spark.test
              publish room_left,room:lair@rooms.spark.test,leaving:{reason:left
            room bookmarked romeo@spark.test lair@rooms.spark.test:auto
            snapshot
              contact romeo@spark.test Offline
        "#]],
    );
}

/// Some clients note people too: with one of them in a room's place nothing more could be said to them.
#[test]
fn a_note_of_a_person_makes_no_room_of_them() {
    check(
        &up("room bookmarks FetchBookmarks
         room bookmarked juliet@spark.test romeo@spark.test:auto
         send romeo@spark.test m1 hi
         room bookmark nurse@spark.test autojoin"),
        expect![[r#"
            room bookmarks FetchBookmarks
            room bookmarked juliet@spark.test romeo@spark.test:auto
              publish bookmark_changed,bookmark:{jid:romeo@spark.test,nick:me,has_password:false,autojoin:true
            send romeo@spark.test m1 hi
              publish message_added romeo@spark.test Outgoing m1 "hi" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              message romeo@spark.test m1 body=hi
              answer Pending
            room bookmark nurse@spark.test autojoin
              refused: there is no such room
        "#]],
    );
}

#[test]
fn bookmarks_are_kept_where_the_server_has_them() {
    check(
        &up("- facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         room bookmarks FetchBookmarks
         room bookmark den@rooms.spark.test name=The_Den nick=me password=x autojoin
         room done PublishBookmark
         room bookmarked juliet@spark.test den@rooms.spark.test:auto
         room bookmark den@rooms.spark.test nick=me
         room done PublishBookmark
         room forget den@rooms.spark.test
         room done RetractBookmark
         room forget den@rooms.spark.test
         room bookmark rooms.spark.test"),
        expect![[r#"
            room bookmarks FetchBookmarks
            room bookmark den@rooms.spark.test name=The_Den nick=me password=x autojoin
              ask 13 PublishBookmark(RoomBookmark { jid: den@rooms.spark.test, name: Some("The Den, nick: Some("me, password: Some(_), autojoin: true, notify: None, extensions: Extensions([]) })
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,name:The Den,nick:me,has_password:true,autojoin:true
              ask 14 FetchRoomInfo { room: den@rooms.spark.test }
              Bookmark { jid: BareJid("den@rooms.spark.test"), name: Some("The Den"), nick: Some("me"), has_password: true, autojoin: true, notify: None }
            room bookmarked juliet@spark.test den@rooms.spark.test:auto
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:true
            room bookmark den@rooms.spark.test nick=me
              ask 15 PublishBookmark(RoomBookmark { jid: den@rooms.spark.test, name: None, nick: Some("me, password: None, autojoin: false, notify: None, extensions: Extensions([]) })
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:false
              publish room_left,room:den@rooms.spark.test,leaving:{reason:left
              Bookmark { jid: BareJid("den@rooms.spark.test"), name: None, nick: Some("me"), has_password: false, autojoin: false, notify: None }
            room forget den@rooms.spark.test
              ask 16 RetractBookmark(den@rooms.spark.test)
            room done RetractBookmark
              publish bookmark_removed,jid:den@rooms.spark.test
              Ok(())
            room forget den@rooms.spark.test
              Ok(())
            room bookmark rooms.spark.test
              refused: there is no such room
        "#]],
    );
    check(
        &up("room bookmarks FetchBookmarks private den@rooms.spark.test
         room bookmark lair@rooms.spark.test
         refuse StorePrivateBookmarks unsupported
         room bookmark lair@rooms.spark.test
         room done StorePrivateBookmarks
         room forget den@rooms.spark.test"),
        expect![[r#"
            room bookmarks FetchBookmarks private den@rooms.spark.test
              publish bookmarks_replaced,bookmarks:[{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:false}]
            room bookmark lair@rooms.spark.test
              ask 9 StorePrivateBookmarks([RoomBookmark { jid: den@rooms.spark.test, name: None, nick: Some("me, password: None, autojoin: false, notify: None, extensions: Extensions([]) }, RoomBookmark { jid: lair@rooms.spark.test, name: None, nick: None, password: None, autojoin: false, notify: None, extensions: Extensions([]) }])
            refuse StorePrivateBookmarks unsupported
              refused: the XMPP server has no such feature
            room bookmark lair@rooms.spark.test
              ask 10 StorePrivateBookmarks([RoomBookmark { jid: den@rooms.spark.test, name: None, nick: Some("me, password: None, autojoin: false, notify: None, extensions: Extensions([]) }, RoomBookmark { jid: lair@rooms.spark.test, name: None, nick: None, password: None, autojoin: false, notify: None, extensions: Extensions([]) }])
            room done StorePrivateBookmarks
              publish bookmark_changed,bookmark:{jid:lair@rooms.spark.test,has_password:false,autojoin:false
              Bookmark { jid: BareJid("lair@rooms.spark.test"), name: None, nick: None, has_password: false, autojoin: false, notify: None }
            room forget den@rooms.spark.test
              ask 11 StorePrivateBookmarks([RoomBookmark { jid: lair@rooms.spark.test, name: None, nick: None, password: None, autojoin: false, notify: None, extensions: Extensions([]) }])
        "#]],
    );
}

/// Row 11: a server that does not know the conditions passes over them, and everybody reads what was published.
#[test]
fn what_is_for_the_person_alone_is_published_to_a_node_that_was_set_first() {
    check(
        &up("room bookmark den@rooms.spark.test
         - facts
         - info DiscoverInfo pubsub/pep
         room bookmark den@rooms.spark.test
         - recv romeo@spark.test/x id=m1 body=hi archive=a1
         read romeo@spark.test m1
         - facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         room bookmark den@rooms.spark.test"),
        expect![[r#"
            room bookmark den@rooms.spark.test
              ask 9 PublishToSelf { node: "urn:xmpp:bookmarks:1", step: Configure, .. }
            room bookmark den@rooms.spark.test
              ask 14 PublishToSelf { node: "urn:xmpp:bookmarks:1", step: Configure, .. }
            read romeo@spark.test m1
              publish conversation_changed romeo@spark.test unread=0 read=m1
              ask 15 PublishToSelf { node: "urn:xmpp:mds:displayed:0", step: Configure, .. }
              done
            room bookmark den@rooms.spark.test
              ask 20 PublishBookmark(RoomBookmark { jid: den@rooms.spark.test, name: None, nick: None, password: None, autojoin: false, notify: None, extensions: Extensions([]) })
        "#]],
    );
}

/// What other clients keep in a note stays, and a note that there was not is made. The private storage has no place for it.
#[test]
fn rooms_are_muted_by_their_bookmarks() {
    check_in(
        "- facts
         - info DiscoverInfo http://jabber.org/protocol/pubsub#publish-options
         - room bookmarked juliet@spark.test lair@rooms.spark.test
         room mute lair@rooms.spark.test
         room done PublishBookmark
         room mute den@rooms.spark.test
         room done PublishBookmark
         room mute romeo@spark.test
         suspend
         room mute den@rooms.spark.test",
        expect![[r#"
            room mute lair@rooms.spark.test
              ask 15 PublishBookmark(RoomBookmark { jid: lair@rooms.spark.test, name: None, nick: Some("me, password: None, autojoin: false, notify: Some(Never), extensions: Extensions([]) })
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:lair@rooms.spark.test,nick:me,has_password:false,autojoin:false,notify:never
              Bookmark { jid: BareJid("lair@rooms.spark.test"), name: None, nick: Some("me"), has_password: false, autojoin: false, notify: Some(Never) }
            room mute den@rooms.spark.test
              ask 16 PublishBookmark(RoomBookmark { jid: den@rooms.spark.test, name: None, nick: None, password: None, autojoin: false, notify: Some(Never), extensions: Extensions([]) })
            room done PublishBookmark
              publish bookmark_changed,bookmark:{jid:den@rooms.spark.test,has_password:false,autojoin:false,notify:never
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              Bookmark { jid: BareJid("den@rooms.spark.test"), name: None, nick: None, has_password: false, autojoin: false, notify: Some(Never) }
            room mute romeo@spark.test
              refused: the person is not in this room
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            room mute den@rooms.spark.test
              refused: the session's connection is down; it is being brought back
        "#]],
    );
    check(
        &up("room bookmarks FetchBookmarks private den@rooms.spark.test
         room mute den@rooms.spark.test"),
        expect![[r#"
            room bookmarks FetchBookmarks private den@rooms.spark.test
              publish bookmarks_replaced,bookmarks:[{jid:den@rooms.spark.test,nick:me,has_password:false,autojoin:false}]
            room mute den@rooms.spark.test
              refused: the room does not allow it
        "#]],
    );
}

#[test]
fn invitations_are_told_and_answered() {
    check(
        &up("room invited den@rooms.spark.test by=romeo@spark.test reason=come password=x
         room about FetchRoomInfo archive
         room invited romeo@spark.test by=nurse@spark.test
         refuse FetchRoomInfo unsupported
         room invited lair@rooms.spark.test by=mercutio@spark.test direct
         room invited lair@rooms.spark.test by=juliet@spark.test direct
         room decline lair@rooms.spark.test
         room decline den@rooms.spark.test reason=busy
         room decline den@rooms.spark.test
         - room invited den@rooms.spark.test by=romeo@spark.test password=x
         - room about FetchRoomInfo archive
         room join den@rooms.spark.test nick=me
         room about FetchRoomInfo archive
         room here den@rooms.spark.test/me self id=o1
         room invited den@rooms.spark.test by=romeo@spark.test"),
        expect![[r#"
            room invited den@rooms.spark.test by=romeo@spark.test reason=come password=x
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo archive
              publish invitation_received,invitation:{room:den@rooms.spark.test,name:The Den,by:romeo@spark.test,reason:come,direct:false,received_at_ms:0
            room invited romeo@spark.test by=nurse@spark.test
              ask 10 FetchRoomInfo { room: romeo@spark.test }
            refuse FetchRoomInfo unsupported
            room invited lair@rooms.spark.test by=mercutio@spark.test direct
              publish invitation_received,invitation:{room:lair@rooms.spark.test,by:mercutio@spark.test,direct:true,received_at_ms:0
            room invited lair@rooms.spark.test by=juliet@spark.test direct
            room decline lair@rooms.spark.test
              publish invitation_removed,room:lair@rooms.spark.test
              Ok(())
            room decline den@rooms.spark.test reason=busy
              Invitation(Decline { room: den@rooms.spark.test, person: Jid("romeo@spark.test, reason: Some("busy })
              publish invitation_removed,room:den@rooms.spark.test
              Ok(())
            room decline den@rooms.spark.test
              Ok(())
            room join den@rooms.spark.test nick=me
              ask 12 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo archive
              Join { to: Jid("den@rooms.spark.test/me, password: Some(_), history: Nothing, availability: Available, status: None }
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              publish invitation_removed,room:den@rooms.spark.test
              ask 13 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
              in den@rooms.spark.test as me Participant
            room invited den@rooms.spark.test by=romeo@spark.test
        "#]],
    );
    check_in(
        "room invite den@rooms.spark.test romeo@spark.test reason=come
         room invite den@rooms.spark.test romeo@spark.test direct
         room invite lair@rooms.spark.test romeo@spark.test
         room declined den@rooms.spark.test by=romeo@spark.test
         room declined evil@rooms.spark.test by=romeo@spark.test",
        expect![[r#"
            room invite den@rooms.spark.test romeo@spark.test reason=come
              Invitation(Invite { id: MessageId("new1, room: den@rooms.spark.test, person: romeo@spark.test, reason: Some("come })
              Ok(())
            room invite den@rooms.spark.test romeo@spark.test direct
              Invitation(InviteDirectly { id: MessageId("new2, room: den@rooms.spark.test, person: romeo@spark.test, reason: None, password: None })
              Ok(())
            room invite lair@rooms.spark.test romeo@spark.test
              Err(NotJoined)
            room declined den@rooms.spark.test by=romeo@spark.test
              publish invitation_declined,room:den@rooms.spark.test,by:romeo@spark.test
            room declined evil@rooms.spark.test by=romeo@spark.test
        "#]],
    );
}

#[test]
fn moderators_take_messages_back() {
    check_in(
        "- room said den@rooms.spark.test/wolf id=m1 body=spam oid=o2 archive=r1
         - room said den@rooms.spark.test/wolf id=m2 body=more oid=o2 archive=r2
         room moderate den@rooms.spark.test m1 reason=spam
         room done ModerateMessage
         room said den@rooms.spark.test/wolf moderates=r1
         room said evil@rooms.spark.test moderates=r1
         room said den@rooms.spark.test moderates=r1
         room said den@rooms.spark.test moderates=r1
         room said den@rooms.spark.test moderates=r2
         room moderate den@rooms.spark.test m9",
        expect![[r#"
            room moderate den@rooms.spark.test m1 reason=spam
              ask 11 ModerateMessage { room: den@rooms.spark.test, target: r1, reason: Some("spam }
            room done ModerateMessage
              Ok(())
            room said den@rooms.spark.test/wolf moderates=r1
            room said evil@rooms.spark.test moderates=r1
            room said den@rooms.spark.test moderates=r1
              publish message_changed den@rooms.spark.test Incoming m1 "" at 0 retracted=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room said den@rooms.spark.test moderates=r1
            room said den@rooms.spark.test moderates=r2
              publish message_changed den@rooms.spark.test Incoming m2 "" at 0 retracted=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
            room moderate den@rooms.spark.test m9
              Err(NoSuchMessage)
        "#]],
    );
}

#[test]
fn a_room_is_configured_by_its_whole_form() {
    check_in(
        "room configure den@rooms.spark.test name=new
         room form FetchRoomConfig name=old other=same
         room done ConfigureRoom
         room configure den@rooms.spark.test none=x
         room form FetchRoomConfig name=old
         room configure den@rooms.spark.test name=x
         refuse FetchRoomConfig gone",
        expect![[r#"
            room configure den@rooms.spark.test name=new
              ask 11 FetchRoomConfig { room: den@rooms.spark.test }
            room form FetchRoomConfig name=old other=same
              ask 12 ConfigureRoom { room: den@rooms.spark.test, fields: [FieldValues { name: "name", values: ["new"] }, FieldValues { name: "other", values: ["same"] }] }
            room done ConfigureRoom
              Ok(())
            room configure den@rooms.spark.test none=x
              ask 13 FetchRoomConfig { room: den@rooms.spark.test }
            room form FetchRoomConfig name=old
              Err(Form("the form has no such field"))
            room configure den@rooms.spark.test name=x
              ask 14 FetchRoomConfig { room: den@rooms.spark.test }
            refuse FetchRoomConfig gone
              Err(Refused(NotFound))
        "#]],
    );
}

#[test]
fn an_invitation_that_comes_to_nothing_is_told() {
    check_in(
        "room invite den@rooms.spark.test romeo@spark.test
         room invite den@rooms.spark.test nurse@spark.test direct
         recv den@rooms.spark.test/wolf error id=new1
         recv romeo@spark.test error id=new1
         recv den@rooms.spark.test error id=new1
         recv den@rooms.spark.test error id=new1
         recv den@rooms.spark.test error id=new2
         recv nurse@spark.test/x error id=new2
         room invite den@rooms.spark.test romeo@spark.test
         room leave den@rooms.spark.test
         room declined den@rooms.spark.test by=romeo@spark.test
         room declined den@rooms.spark.test by=tybalt@spark.test",
        expect![[r#"
            room invite den@rooms.spark.test romeo@spark.test
              Invitation(Invite { id: MessageId("new1, room: den@rooms.spark.test, person: romeo@spark.test, reason: None })
              Ok(())
            room invite den@rooms.spark.test nurse@spark.test direct
              Invitation(InviteDirectly { id: MessageId("new2, room: den@rooms.spark.test, person: nurse@spark.test, reason: None, password: None })
              Ok(())
            recv den@rooms.spark.test/wolf error id=new1
            recv romeo@spark.test error id=new1
            recv den@rooms.spark.test error id=new1
              publish invitation_failed,room:den@rooms.spark.test,jid:romeo@spark.test,reason:not_found
            recv den@rooms.spark.test error id=new1
            recv den@rooms.spark.test error id=new2
            recv nurse@spark.test/x error id=new2
              publish invitation_failed,room:den@rooms.spark.test,jid:nurse@spark.test,reason:not_found
            room invite den@rooms.spark.test romeo@spark.test
              Invitation(Invite { id: MessageId("new3, room: den@rooms.spark.test, person: romeo@spark.test, reason: None })
              Ok(())
            room leave den@rooms.spark.test
              Leave { to: Jid("den@rooms.spark.test/me }
              publish room_left,room:den@rooms.spark.test,leaving:{reason:left
              publish conversation_removed,jid:den@rooms.spark.test
              left
            room declined den@rooms.spark.test by=romeo@spark.test
              publish invitation_declined,room:den@rooms.spark.test,by:romeo@spark.test
            room declined den@rooms.spark.test by=tybalt@spark.test
        "#]],
    );
}
