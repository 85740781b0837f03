//! What only the room itself may say (B.9 rows 5, 6 and 12 of what was attacked elsewhere).

use expect_test::expect;

use super::super::{check, up};
use super::check_in;

/// B.9 row 12: only the room itself speaks for the room.
#[test]
fn nobody_but_the_room_speaks_for_it() {
    check_in(
        "room here evil@rooms.spark.test/me self created
         room here mercutio@spark.test/x self
         room gone evil@rooms.spark.test/me self kicked
         room gone mercutio@spark.test/me self banned
         room said evil@rooms.spark.test subject=Owned
         room said mercutio@spark.test/x id=m1 body=hi
         recv den@rooms.spark.test/wolf id=m2 body=psst
         room no romeo@spark.test/x banned
         snapshot",
        expect![[r#"
            room here evil@rooms.spark.test/me self created
            room here mercutio@spark.test/x self
            room gone evil@rooms.spark.test/me self kicked
            room gone mercutio@spark.test/me self banned
            room said evil@rooms.spark.test subject=Owned
            room said mercutio@spark.test/x id=m1 body=hi
            recv den@rooms.spark.test/wolf id=m2 body=psst
              publish message_added den@rooms.spark.test/wolf Incoming m2 "psst" at 0
              publish conversation_changed den@rooms.spark.test/wolf unread=1 read=-
            room no romeo@spark.test/x banned
            snapshot
              contact romeo@spark.test Offline
              conversation den@rooms.spark.test/wolf 1 Incoming m2 "psst" at 0
              conversation den@rooms.spark.test 0 
        "#]],
    );
    // A nickname that was somebody's is not that somebody: the occupant-id tells, where the room vouches for it.
    check_in(
        "room gone den@rooms.spark.test/me self to=you
         room here den@rooms.spark.test/me id=o9
         room said den@rooms.spark.test/me id=m3 body=not_me oid=o9
         room said den@rooms.spark.test/me id=m4 body=nor_this real=juliet@spark.test",
        expect![[r#"
            room gone den@rooms.spark.test/me self to=you
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:you,occupant_id:o1,role:participant,affiliation:none,presence:{availability:available}},former_nick:me
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:you,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
            room here den@rooms.spark.test/me id=o9
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:me,occupant_id:o9,role:participant,affiliation:none,presence:{availability:available
            room said den@rooms.spark.test/me id=m3 body=not_me oid=o9
              publish message_added den@rooms.spark.test Incoming m3 "not me" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room said den@rooms.spark.test/me id=m4 body=nor_this real=juliet@spark.test
              publish message_added den@rooms.spark.test Incoming m4 "nor this" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=-
        "#]],
    );
    // A room without an archive passes on ids that anybody made up.
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo old
         - room here den@rooms.spark.test/me self
         - room said den@rooms.spark.test subject=
         room said den@rooms.spark.test/wolf id=m1 body=a archive=forged oid=forged
         room said den@rooms.spark.test/wolf id=m2 body=b archive=forged"),
        expect![[r#"
            room said den@rooms.spark.test/wolf id=m1 body=a archive=forged oid=forged
              publish message_added den@rooms.spark.test Incoming m1 "a" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room said den@rooms.spark.test/wolf id=m2 body=b archive=forged
              publish message_added den@rooms.spark.test Incoming m2 "b" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=-
        "#]],
    );
}

/// B.9 rows 5 and 6: the occupant-id is the author, where the room vouches for one; the nickname is nobody.
#[test]
fn nobody_corrects_or_takes_back_what_another_said_under_the_same_nickname() {
    check_in(
        "- room said den@rooms.spark.test/wolf id=m1 body=mine oid=o2 archive=r1
         room gone den@rooms.spark.test/wolf
         room here den@rooms.spark.test/wolf id=o9
         room said den@rooms.spark.test/wolf id=m2 body=forged replaces=m1 oid=o9 archive=r2
         room said den@rooms.spark.test/wolf id=m3 retracts=r1 oid=o9 archive=r3
         room said den@rooms.spark.test/me id=m4 retracts=r1 oid=o1 archive=r4
         room said den@rooms.spark.test id=m5 retracts=r1
         room gone den@rooms.spark.test/wolf
         room here den@rooms.spark.test/fox id=o2
         room said den@rooms.spark.test/fox id=m6 body=still_mine replaces=m1 oid=o2 archive=r5
         room said den@rooms.spark.test/fox id=m7 retracts=r1 oid=o2 archive=r6",
        expect![[r#"
            room gone den@rooms.spark.test/wolf
              publish occupant_left,room:den@rooms.spark.test,nick:wolf,leaving:{reason:left
            room here den@rooms.spark.test/wolf id=o9
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:wolf,occupant_id:o9,role:participant,affiliation:none,presence:{availability:available
            room said den@rooms.spark.test/wolf id=m2 body=forged replaces=m1 oid=o9 archive=r2
              publish message_added den@rooms.spark.test Incoming m2 "forged" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=-
            room said den@rooms.spark.test/wolf id=m3 retracts=r1 oid=o9 archive=r3
            room said den@rooms.spark.test/me id=m4 retracts=r1 oid=o1 archive=r4
            room said den@rooms.spark.test id=m5 retracts=r1
            room gone den@rooms.spark.test/wolf
              publish occupant_left,room:den@rooms.spark.test,nick:wolf,leaving:{reason:left
            room here den@rooms.spark.test/fox id=o2
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:fox,occupant_id:o2,role:participant,affiliation:none,presence:{availability:available
            room said den@rooms.spark.test/fox id=m6 body=still_mine replaces=m1 oid=o2 archive=r5
              publish message_changed den@rooms.spark.test Incoming m1 "still mine" at 0 edited=0
            room said den@rooms.spark.test/fox id=m7 retracts=r1 oid=o2 archive=r6
              publish message_changed den@rooms.spark.test Incoming m1 "" at 0 retracted=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
        "#]],
    );
}

/// Where the room has no such names, a nickname is its bearer for as long as they stay, and no longer.
#[test]
fn without_occupant_ids_whoever_comes_later_is_somebody_else() {
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo old archive
         - room here den@rooms.spark.test/wolf
         - room here den@rooms.spark.test/me self
         - room page QueryArchive complete
         - room said den@rooms.spark.test subject=
         - room said den@rooms.spark.test/wolf id=m1 body=mine archive=r1
         room gone den@rooms.spark.test/wolf to=fox
         room said den@rooms.spark.test/fox id=m2 body=still_mine replaces=m1
         - room gone den@rooms.spark.test/fox
         - room here den@rooms.spark.test/fox
         room said den@rooms.spark.test/fox id=m3 body=forged replaces=m1
         room said den@rooms.spark.test/fox id=m4 retracts=r1
         - send den@rooms.spark.test s1 own
         - room said den@rooms.spark.test/me id=s1 body=own archive=r2
         - room gone den@rooms.spark.test/me self lost
         - room here den@rooms.spark.test/me self
         room page QueryArchive complete | r3 den@rooms.spark.test/me id=m5 body=forged replaces=s1 at=-1
         correct den@rooms.spark.test s1 owned"),
        expect![[r#"
            room gone den@rooms.spark.test/wolf to=fox
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:fox,role:participant,affiliation:none,presence:{availability:available}},former_nick:wolf
            room said den@rooms.spark.test/fox id=m2 body=still_mine replaces=m1
              publish message_changed den@rooms.spark.test Incoming m1 "still mine" at 0 edited=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
            room said den@rooms.spark.test/fox id=m3 body=forged replaces=m1
              publish message_added den@rooms.spark.test Incoming m3 "forged" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=-
            room said den@rooms.spark.test/fox id=m4 retracts=r1
            room page QueryArchive complete | r3 den@rooms.spark.test/me id=m5 body=forged replaces=s1 at=-1
              publish message_added den@rooms.spark.test Outgoing m5 "forged" at -1 Sent delayed
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m3
            correct den@rooms.spark.test s1 owned
              message den@rooms.spark.test new2 in-room body=owned about=Correct(("s1"))
              publish message_changed den@rooms.spark.test Outgoing s1 "owned" at 0 Sent edited=0
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m3
              answer Outgoing s1 "owned" at 0 Sent edited=0
        "#]],
    );
}

/// A room that knows nothing of hats passes on whatever anybody wears.
#[test]
fn hats_are_those_that_the_room_gave() {
    check_in(
        "room here den@rooms.spark.test/fox id=o3 hat=Teacher
         - room said den@rooms.spark.test reconfigured
         - room about FetchRoomInfo archive hats
         room here den@rooms.spark.test/hen id=o4 hat=Teacher",
        expect![[r#"
            room here den@rooms.spark.test/fox id=o3 hat=Teacher
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:fox,occupant_id:o3,role:participant,affiliation:none,presence:{availability:available
            room here den@rooms.spark.test/hen id=o4 hat=Teacher
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:hen,occupant_id:o4,role:participant,affiliation:none,presence:{availability:available},hats:[{uri:urn:hats:Teacher,title:Teacher}]
        "#]],
    );
}
