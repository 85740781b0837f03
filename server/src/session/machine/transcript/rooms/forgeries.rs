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
            room no romeo@spark.test/x banned
            snapshot
              contact romeo@spark.test Offline
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
              publish conversation_changed den@rooms.spark.test unread=1 read=-
            room said den@rooms.spark.test/me id=m4 body=nor_this real=juliet@spark.test
              publish message_added den@rooms.spark.test Incoming m4 "nor this" at 0
              publish conversation_changed den@rooms.spark.test unread=2 read=-
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
              publish conversation_changed den@rooms.spark.test unread=1 read=-
            room said den@rooms.spark.test/wolf id=m2 body=b archive=forged
              publish message_added den@rooms.spark.test Incoming m2 "b" at 0
              publish conversation_changed den@rooms.spark.test unread=2 read=-
        "#]],
    );
}
