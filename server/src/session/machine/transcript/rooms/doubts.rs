//! R-32: what was said in a room, if anybody heard it there, is said once: it is looked for in the room's archive.

use expect_test::expect;

use super::{check, check_in, up};

/// The gap is longer than a page, and what was said lies before the entry that was the newest to be heard of.
#[test]
fn what_is_in_doubt_is_looked_for_as_far_back_as_it_may_be() {
    check_in(
        "- send den@rooms.spark.test s1 arrived
         - send den@rooms.spark.test s2 lost
         - ack s1
         - tick 1
         - room said den@rooms.spark.test/wolf id=m1 body=hm oid=o2 archive=r5
         - suspend
         - reset s2
         send den@rooms.spark.test s3 said_after_it
         room here den@rooms.spark.test/me self id=o1
         room page QueryArchive complete
         room page QueryArchive complete | r4 den@rooms.spark.test/wolf id=s2 body=forged at=0 oid=o2 | r4 den@rooms.spark.test/me id=s1 body=arrived at=0 oid=o1",
        expect![[r#"
            send den@rooms.spark.test s3 said_after_it
              publish message_added den@rooms.spark.test Outgoing s3 "said after it" at 1 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m1
              answer Pending
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 19 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: Some(r5), start_ms: None, max: 100 }
            room page QueryArchive complete
              ask 20 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: Some(r5), after: None, start_ms: None, max: 100 }
            room page QueryArchive complete | r4 den@rooms.spark.test/wolf id=s2 body=forged at=0 oid=o2 | r4 den@rooms.spark.test/me id=s1 body=arrived at=0 oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
              message den@rooms.spark.test s2 in-room body=lost first-sent=0
              message den@rooms.spark.test s3 in-room body=said after it first-sent=1
        "#]],
    );
}

/// The gateway was killed before it could answer: the next one is asked with the same id.
#[test]
fn what_an_earlier_run_may_have_said_is_looked_for() {
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo archive
         send den@rooms.spark.test s1 arrived
         room here den@rooms.spark.test/me self id=o1
         room page QueryArchive | r8 den@rooms.spark.test/wolf id=m8 body=so at=-1 oid=o2 | r9 den@rooms.spark.test/me id=s9 body=of_late at=-1 oid=o1
         send den@rooms.spark.test s2 never_said wait
         send den@rooms.spark.test s9 of_late
         room page QueryArchive | r6 den@rooms.spark.test/me id=x1 origin=s1 body=arrived at=-2 oid=o1 | r7 den@rooms.spark.test/me id=s2 body=by_my_phone at=-2 real=nurse@spark.test oid=o3
         room page QueryArchive complete | r1 den@rooms.spark.test/me id=s4 body=older at=-9 oid=o1
         room said den@rooms.spark.test/me id=s2 body=never_said oid=o1 archive=r10
         send den@rooms.spark.test s4 older
         send den@rooms.spark.test s4 other
         room said den@rooms.spark.test/me id=s5 body=by_my_phone oid=o1 archive=r11
         send den@rooms.spark.test s5 by_my_phone
         send den@rooms.spark.test s6 now_everything_is_known"),
        expect![[r#"
            send den@rooms.spark.test s1 arrived
              publish message_added den@rooms.spark.test Outgoing s1 "arrived" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              answer Pending
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 10 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: None, start_ms: None, max: 100 }
              in den@rooms.spark.test as me Participant
            room page QueryArchive | r8 den@rooms.spark.test/wolf id=m8 body=so at=-1 oid=o2 | r9 den@rooms.spark.test/me id=s9 body=of_late at=-1 oid=o1
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              ask 11 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: Some(r8), after: None, start_ms: None, max: 100 }
            send den@rooms.spark.test s2 never_said wait
              publish message_added den@rooms.spark.test Outgoing s2 "never said" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m8
            send den@rooms.spark.test s9 of_late
              answer Sent
            room page QueryArchive | r6 den@rooms.spark.test/me id=x1 origin=s1 body=arrived at=-2 oid=o1 | r7 den@rooms.spark.test/me id=s2 body=by_my_phone at=-2 real=nurse@spark.test oid=o3
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
              ask 12 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: Some(r6), after: None, start_ms: None, max: 100 }
            room page QueryArchive complete | r1 den@rooms.spark.test/me id=s4 body=older at=-9 oid=o1
              message den@rooms.spark.test s2 in-room body=never said
            room said den@rooms.spark.test/me id=s2 body=never_said oid=o1 archive=r10
              publish delivery_changed,conversation:den@rooms.spark.test,id:s2,delivery:{state:sent
              answer Sent
            send den@rooms.spark.test s4 older
              answer Sent
            send den@rooms.spark.test s4 other
              refused: this message id was used for another message
            room said den@rooms.spark.test/me id=s5 body=by_my_phone oid=o1 archive=r11
              publish message_added den@rooms.spark.test Outgoing s5 "by my phone" at 0 Sent
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m8
            send den@rooms.spark.test s5 by_my_phone
              answer Sent
            send den@rooms.spark.test s6 now_everything_is_known
              publish message_added den@rooms.spark.test Outgoing s6 "now everything is known" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=m8
              message den@rooms.spark.test s6 in-room body=now everything is known
              answer Pending
        "#]],
    );
}

/// A room without an archive tells what was said of late, and then its subject.
#[test]
fn a_room_without_an_archive_is_heard_out_first() {
    check(
        &up("- room join den@rooms.spark.test nick=me
         - room about FetchRoomInfo
         - room here den@rooms.spark.test/me self id=o1
         - room said den@rooms.spark.test subject=
         - send den@rooms.spark.test s1 arrived
         - send den@rooms.spark.test s2 lost
         - suspend
         - reset s1 s2
         room here den@rooms.spark.test/me self id=o1
         send den@rooms.spark.test s3 said_after_it
         room said den@rooms.spark.test/me id=s1 body=arrived at=0 oid=o1
         room said den@rooms.spark.test subject=
         - suspend
         - reset s2 s3
         room here den@rooms.spark.test/me self id=o1
         tick 29999
         tick 1"),
        expect![[r#"
            room here den@rooms.spark.test/me self id=o1
            send den@rooms.spark.test s3 said_after_it
              publish message_added den@rooms.spark.test Outgoing s3 "said after it" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              answer Pending
            room said den@rooms.spark.test/me id=s1 body=arrived at=0 oid=o1
              publish delivery_changed,conversation:den@rooms.spark.test,id:s1,delivery:{state:sent
            room said den@rooms.spark.test subject=
              message den@rooms.spark.test s2 in-room body=lost first-sent=0
              message den@rooms.spark.test s3 in-room body=said after it
            room here den@rooms.spark.test/me self id=o1
            tick 29999
            tick 1
              message den@rooms.spark.test s2 in-room body=lost first-sent=0
              message den@rooms.spark.test s3 in-room body=said after it first-sent=0
        "#]],
    );
}

/// Who goes out and comes in while it is looked begins anew: an answer that comes late is none.
#[test]
fn a_room_that_is_lost_meanwhile_is_asked_anew() {
    check_in(
        "- send den@rooms.spark.test s1 arrived
         - tick 1
         - room said den@rooms.spark.test/wolf id=m1 body=hm oid=o2 archive=r5
         - suspend
         - reset s1
         room here den@rooms.spark.test/me self id=o1
         room page QueryArchive complete | r6 den@rooms.spark.test/wolf id=m2 body=so at=1 oid=o2
         room gone den@rooms.spark.test/me self lost
         room page QueryArchive complete
         room here den@rooms.spark.test/me self id=o1
         refuse QueryArchive unsupported
         refuse QueryArchive unsupported",
        expect![[r#"
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 19 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: Some(r5), start_ms: None, max: 100 }
            room page QueryArchive complete | r6 den@rooms.spark.test/wolf id=m2 body=so at=1 oid=o2
              publish message_added den@rooms.spark.test Incoming m2 "so" at 1 delayed
              publish conversation_changed den@rooms.spark.test "The Den" unread=2 read=-
              ask 20 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: Some(r5), after: None, start_ms: None, max: 100 }
            room gone den@rooms.spark.test/me self lost
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
            room page QueryArchive complete
            room here den@rooms.spark.test/me self id=o1
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joined,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:1,has_archive:true
              ask 21 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: None, after: Some(r6), start_ms: None, max: 100 }
            refuse QueryArchive unsupported
              ask 22 QueryArchive { room: Some(den@rooms.spark.test), with: None, before: Some(r6), after: None, start_ms: None, max: 100 }
            refuse QueryArchive unsupported
              message den@rooms.spark.test s1 in-room body=arrived first-sent=0
        "#]],
    );
}
