//! Getting into rooms, being sent away, and getting in again.

use expect_test::expect;

use super::super::{check, up};
use super::check_in;

#[test]
fn a_nickname_that_can_not_be_is_refused_inside_too() {
    check_in(
        "room join den@rooms.spark.test nick=",
        expect![[r#"
            room join den@rooms.spark.test nick=
              refused: the nickname can't be used
        "#]],
    );
}

#[test]
fn a_room_is_gone_into_and_left() {
    check(
        &up("room join den@rooms.spark.test
         room about FetchRoomInfo archive
         room here den@rooms.spark.test/wolf id=o2
         snapshot
         room here den@rooms.spark.test/juliet self id=o1 moderator
         room page QueryArchive | r1 den@rooms.spark.test/wolf id=m1 body=before at=-5 oid=o2
         room said den@rooms.spark.test subject=Bones
         room join den@rooms.spark.test
         room occupants den@rooms.spark.test
         room here den@rooms.spark.test/bear id=o3
         room here den@rooms.spark.test/bear id=o3
         room occupants den@rooms.spark.test
         room occupants den@rooms.spark.test after=juliet
         room gone den@rooms.spark.test/bear
         room leave den@rooms.spark.test
         room gone den@rooms.spark.test/juliet self
         room leave den@rooms.spark.test
         room occupants den@rooms.spark.test"),
        expect![[r#"
            room join den@rooms.spark.test
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo archive
              Join { to: Jid("den@rooms.spark.test/juliet, password: None, history: Nothing, availability: Available, status: None }
            room here den@rooms.spark.test/wolf id=o2
            snapshot
              contact romeo@spark.test Offline
            room here den@rooms.spark.test/juliet self id=o1 moderator
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:juliet,role:moderator,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              ask 10 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
              in den@rooms.spark.test as juliet Moderator
            room page QueryArchive | r1 den@rooms.spark.test/wolf id=m1 body=before at=-5 oid=o2
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
            room said den@rooms.spark.test subject=Bones
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:juliet,role:moderator,affiliation:none,occupant_id:o1,occupants:2,subject:{text:Bones},has_archive:true
            room join den@rooms.spark.test
              in den@rooms.spark.test as juliet Moderator
            room occupants den@rooms.spark.test
              ["juliet", "wolf"] of 2 after=None
            room here den@rooms.spark.test/bear id=o3
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:bear,occupant_id:o3,role:participant,affiliation:none,presence:{availability:available
            room here den@rooms.spark.test/bear id=o3
            room occupants den@rooms.spark.test
              ["bear", "juliet"] of 3 after=Some("juliet")
            room occupants den@rooms.spark.test after=juliet
              ["wolf"] of 3 after=None
            room gone den@rooms.spark.test/bear
              publish occupant_left,room:den@rooms.spark.test,nick:bear,leaving:{reason:left
            room leave den@rooms.spark.test
              Leave { to: Jid("den@rooms.spark.test/juliet }
              publish room_left,room:den@rooms.spark.test,leaving:{reason:left
              left
            room gone den@rooms.spark.test/juliet self
            room leave den@rooms.spark.test
              left
            room occupants den@rooms.spark.test
              refused: the person is not in this room
        "#]],
    );
}

#[test]
fn rooms_that_say_no_are_understood() {
    check(
        &up("room join den@rooms.spark.test nick=me password=x
         room about FetchRoomInfo
         room no den@rooms.spark.test/me password
         room join den@rooms.spark.test nick=me
         room about FetchRoomInfo
         room no den@rooms.spark.test/me banned
         room join typo@rooms.spark.test nick=me
         refuse FetchRoomInfo gone
         room here typo@rooms.spark.test/me self created
         room join new@rooms.spark.test nick=me create
         refuse FetchRoomInfo gone
         room here new@rooms.spark.test/me self created
         room pong ConfigureRoom there
         room about FetchRoomInfo archive
         room join romeo@spark.test
         room join rooms.spark.test
         - suspend
         room join den@rooms.spark.test
         snapshot"),
        expect![[r#"
            room join den@rooms.spark.test nick=me password=x
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo
              Join { to: Jid("den@rooms.spark.test/me, password: Some(_), history: Recent(50), availability: Available, status: None }
            room no den@rooms.spark.test/me password
              refused: the room wants a password
            room join den@rooms.spark.test nick=me
              ask 10 FetchRoomInfo { room: den@rooms.spark.test }
            room about FetchRoomInfo
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Recent(50), availability: Available, status: None }
            room no den@rooms.spark.test/me banned
              refused: the person is banned from the room
            room join typo@rooms.spark.test nick=me
              ask 11 FetchRoomInfo { room: typo@rooms.spark.test }
            refuse FetchRoomInfo gone
              Join { to: Jid("typo@rooms.spark.test/me, password: None, history: Recent(50), availability: Available, status: None }
            room here typo@rooms.spark.test/me self created
              Leave { to: Jid("typo@rooms.spark.test/me }
              refused: there is no such room
            room join new@rooms.spark.test nick=me create
              ask 12 FetchRoomInfo { room: new@rooms.spark.test }
            refuse FetchRoomInfo gone
              Join { to: Jid("new@rooms.spark.test/me, password: None, history: Recent(50), availability: Available, status: None }
            room here new@rooms.spark.test/me self created
              ask 13 ConfigureRoom { room: new@rooms.spark.test, fields: [] }
            room pong ConfigureRoom there
              ask 14 FetchRoomInfo { room: new@rooms.spark.test }
            room about FetchRoomInfo archive
              publish room_changed,room:{jid:new@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupants:1,has_archive:true
              publish conversation_changed new@rooms.spark.test "The Den" unread=0 read=-
              ask 15 QueryArchive { room: Some(new@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
              in new@rooms.spark.test as me Participant
            room join romeo@spark.test
              refused: there is no such room
            room join rooms.spark.test
              refused: there is no such room
            room join den@rooms.spark.test
              refused: the session's connection is down; it is being brought back
            snapshot
              contact romeo@spark.test Offline
              conversation new@rooms.spark.test 0 
        "#]],
    );
}

#[test]
fn after_a_loss_the_rooms_are_gone_into_again_and_the_gap_closed() {
    check_in(
        "- room said den@rooms.spark.test/wolf id=m1 body=hm oid=o2 archive=r1
         - send den@rooms.spark.test s1 arrived
         - send den@rooms.spark.test s2 lost
         - ack s1
         - suspend
         reset s2
         send den@rooms.spark.test s3 meanwhile
         room here den@rooms.spark.test/me self id=o1
         room page QueryArchive complete | r2 den@rooms.spark.test/me id=s1 body=arrived at=-3 oid=o1 | r3 den@rooms.spark.test/wolf id=m2 body=missed at=-2 oid=o2
         room said den@rooms.spark.test subject=",
        expect![[r#"
            reset s2
              publish connection_changed,connection:{state:online
              ask 11 EnableCarbons
              ask 12 FetchRoster { version: None }
              ask 13 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 14 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
              ask 15 FetchNickname { jid: juliet@spark.test }
              ask 16 FetchReadMarks
              ask 17 FetchBlocks
              ask 18 FetchAvatarHash { jid: juliet@spark.test }
            send den@rooms.spark.test s3 meanwhile
              publish message_added den@rooms.spark.test Outgoing s3 "meanwhile" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m1
              answer Pending
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 19 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: Some(r1), start_ms: None, max: 100 }
            room page QueryArchive complete | r2 den@rooms.spark.test/me id=s1 body=arrived at=-3 oid=o1 | r3 den@rooms.spark.test/wolf id=m2 body=missed at=-2 oid=o2
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
              publish message_added den@rooms.spark.test Incoming m2 "missed" at -2 delayed
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=m1
              message den@rooms.spark.test s2 in-room body=lost first-sent=0
              message den@rooms.spark.test s3 in-room body=meanwhile first-sent=0
            room said den@rooms.spark.test subject=
        "#]],
    );
}

#[test]
fn a_room_without_an_archive_tells_what_was_missed() {
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo
         room here den@rooms.spark.test/me self id=o1
         room said den@rooms.spark.test/wolf id=m1 body=before at=-9 oid=o2
         room said den@rooms.spark.test subject=
         room said den@rooms.spark.test/wolf id=m2 body=now oid=o2
         - suspend
         reset
         room here den@rooms.spark.test/me self id=o1
         room said den@rooms.spark.test/wolf id=m2 body=now at=0 oid=o2
         room said den@rooms.spark.test/wolf id=m3 body=missed at=0 oid=o2
         room said den@rooms.spark.test subject="),
        expect![[r#"
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              in den@rooms.spark.test as me Participant
            room said den@rooms.spark.test/wolf id=m1 body=before at=-9 oid=o2
            room said den@rooms.spark.test subject=
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
            room said den@rooms.spark.test/wolf id=m2 body=now oid=o2
              publish message_added den@rooms.spark.test Incoming m2 "now" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            reset
              publish connection_changed,connection:{state:online
              ask 10 EnableCarbons
              ask 11 FetchRoster { version: None }
              ask 12 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 13 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Since(0), availability: Available, status: None }
              ask 14 FetchNickname { jid: juliet@spark.test }
              ask 15 FetchReadMarks
              ask 16 FetchBlocks
              ask 17 FetchAvatarHash { jid: juliet@spark.test }
            room here den@rooms.spark.test/me self id=o1
            room said den@rooms.spark.test/wolf id=m2 body=now at=0 oid=o2
            room said den@rooms.spark.test/wolf id=m3 body=missed at=0 oid=o2
              publish message_added den@rooms.spark.test Incoming m3 "missed" at 0 delayed
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=-
            room said den@rooms.spark.test subject=
        "#]],
    );
}

#[test]
fn what_a_room_without_names_tells_again_is_known() {
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo old
         - room here den@rooms.spark.test/me self
         - room said den@rooms.spark.test subject=
         - room said den@rooms.spark.test/wolf id=m1 body=now
         - send den@rooms.spark.test s1 hi
         - room said den@rooms.spark.test/me id=s1 body=hi
         - suspend
         - reset
         - room here den@rooms.spark.test/me self
         room said den@rooms.spark.test/wolf id=m1 body=now at=0
         room said den@rooms.spark.test/me id=s1 body=hi at=0
         room said den@rooms.spark.test/wolf id=m2 body=missed at=0"),
        expect![[r#"
            room said den@rooms.spark.test/wolf id=m1 body=now at=0
            room said den@rooms.spark.test/me id=s1 body=hi at=0
            room said den@rooms.spark.test/wolf id=m2 body=missed at=0
              publish message_added den@rooms.spark.test Incoming m2 "missed" at 0 delayed
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=m1
        "#]],
    );
}

#[test]
fn whether_one_is_in_still_is_asked() {
    check_in(
        "tick 599999
         tick 1
         room pong PingSelf there
         tick 600000
         room pong PingSelf gone
         room here den@rooms.spark.test/me self id=o1
         resume
         room pong PingSelf there
         room gone den@rooms.spark.test/me self lost
         room no den@rooms.spark.test/me taken
         tick 4999
         tick 1
         room no den@rooms.spark.test/me members",
        expect![[r#"
            tick 599999
            tick 1
              ask 11 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room pong PingSelf there
            tick 600000
              ask 12 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room pong PingSelf gone
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 13 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            resume
              Inactive
              ask 14 PingSelf { occupant: Jid("den@rooms.spark.test/me }
            room pong PingSelf there
            room gone den@rooms.spark.test/me self lost
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room no den@rooms.spark.test/me taken
            tick 4999
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:none,affiliation:none,occupants:0,has_archive:true
            tick 1
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room no den@rooms.spark.test/me members
              publish room_left,room:den@rooms.spark.test,leaving:{reason:refused,code:room_members_only
              publish conversation_removed,jid:den@rooms.spark.test
        "#]],
    );
}

#[test]
fn whoever_is_put_out_without_a_word_goes_in_again_and_less_and_less_often() {
    let out = "room gone den@rooms.spark.test/me self";
    let in_again = "room here den@rooms.spark.test/me self id=o1";
    check_in(
        &format!(
            "{out}
             {in_again}
             {out}
             tick 4999
             tick 1
             {in_again}
             {out}
             tick 9999
             tick 1
             {in_again}
             tick 60000
             {out}"
        ),
        expect![[r#"
            room gone den@rooms.spark.test/me self
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 11 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            room gone den@rooms.spark.test/me self
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
            tick 4999
            tick 1
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:none,affiliation:none,occupants:0,has_archive:true
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 12 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            room gone den@rooms.spark.test/me self
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
            tick 9999
            tick 1
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:none,affiliation:none,occupants:0,has_archive:true
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 13 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
            tick 60000
            room gone den@rooms.spark.test/me self
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
        "#]],
    );
}

#[test]
fn who_hides_is_told_that_no_room_can_be_gone_into() {
    check(
        &up("be hidden
         room join den@rooms.spark.test
         be away
         room join den@rooms.spark.test
         be hidden
         be away
         room join den@rooms.spark.test"),
        expect![[r#"
            be hidden
              Presence { availability: Offline, status: None }
              publish own_presence_changed,presence:{availability:offline
              Ok(())
            room join den@rooms.spark.test
              refused: the person is hidden
            be away
              Presence { availability: Away, status: None }
              publish own_presence_changed,presence:{availability:away
              Ok(())
            room join den@rooms.spark.test
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            be hidden
              Presence { availability: Offline, status: None }
              publish own_presence_changed,presence:{availability:offline
              refused: the person is hidden
              Ok(())
            be away
              Presence { availability: Away, status: None }
              publish own_presence_changed,presence:{availability:away
              Ok(())
            room join den@rooms.spark.test
              ask 10 FetchRoomInfo { room: den@rooms.spark.test }
        "#]],
    );
}

#[test]
fn whoever_asks_to_go_in_need_not_wait_for_the_next_try() {
    check_in(
        "room gone den@rooms.spark.test/me self lost
         room no den@rooms.spark.test/me taken
         room join den@rooms.spark.test
         room here den@rooms.spark.test/me self id=o1",
        expect![[r#"
            room gone den@rooms.spark.test/me self lost
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room no den@rooms.spark.test/me taken
            room join den@rooms.spark.test
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 11 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
              in den@rooms.spark.test as me Participant
        "#]],
    );
}

#[test]
fn nobody_waits_for_a_room_for_ever() {
    check(
        &up("room join den@rooms.spark.test
         suspend
         tick 59999
         tick 1"),
        expect![[r#"
            room join den@rooms.spark.test
              ask 9 FetchRoomInfo { room: den@rooms.spark.test }
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            tick 59999
            tick 1
              refused: the XMPP server did not answer in time
        "#]],
    );
}

#[test]
fn who_hides_is_in_no_room() {
    check_in(
        "be away
         be hidden
         be away
         room here den@rooms.spark.test/me self id=o1",
        expect![[r#"
            be away
              Presence { availability: Away, status: None }
              InRoom { to: Jid("den@rooms.spark.test/me, availability: Away, status: None }
              publish own_presence_changed,presence:{availability:away
              Ok(())
            be hidden
              Presence { availability: Offline, status: None }
              Leave { to: Jid("den@rooms.spark.test/me }
              publish own_presence_changed,presence:{availability:offline
              Ok(())
            be away
              Presence { availability: Away, status: None }
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Away, status: None }
              publish own_presence_changed,presence:{availability:away
              Ok(())
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 11 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
        "#]],
    );
}
