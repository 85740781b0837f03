//! Who is writing in a room, and who is told that the person is.

use expect_test::expect;

use super::*;

#[test]
fn who_writes_in_a_room_is_told_until_they_do_no_longer() {
    check_in(
        "room said den@rooms.spark.test/wolf state=composing
         room said den@rooms.spark.test/wolf state=composing
         room said den@rooms.spark.test/me state=composing
         room said den@rooms.spark.test/ghost state=composing
         room said den@rooms.spark.test/wolf state=composing at=0
         room said den@rooms.spark.test/wolf id=m1 body=hi oid=o2
         room said den@rooms.spark.test/wolf state=composing
         room said den@rooms.spark.test/wolf state=active
         room said den@rooms.spark.test/wolf state=composing
         tick 59999
         tick 1
         room said den@rooms.spark.test/wolf state=composing
         room gone den@rooms.spark.test/wolf to=sheep
         room said den@rooms.spark.test/sheep state=composing
         room gone den@rooms.spark.test/sheep
         - room here den@rooms.spark.test/wolf id=o2
         room said den@rooms.spark.test/wolf state=composing
         room gone den@rooms.spark.test/me self lost",
        expect![[r#"
            room said den@rooms.spark.test/wolf state=composing
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf,state:composing
            room said den@rooms.spark.test/wolf state=composing
            room said den@rooms.spark.test/me state=composing
            room said den@rooms.spark.test/ghost state=composing
            room said den@rooms.spark.test/wolf state=composing at=0
            room said den@rooms.spark.test/wolf id=m1 body=hi oid=o2
              publish message_added den@rooms.spark.test Incoming m1 "hi" at 0
              publish conversation_changed den@rooms.spark.test "The Den" unread=1 read=-
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf
            room said den@rooms.spark.test/wolf state=composing
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf,state:composing
            room said den@rooms.spark.test/wolf state=active
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf,state:active
            room said den@rooms.spark.test/wolf state=composing
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf,state:composing
            tick 59999
            tick 1
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf
            room said den@rooms.spark.test/wolf state=composing
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf,state:composing
            room gone den@rooms.spark.test/wolf to=sheep
              publish occupant_changed,room:den@rooms.spark.test,occupant:{nick:sheep,occupant_id:o2,role:participant,affiliation:none,presence:{availability:available}},former_nick:wolf
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf
            room said den@rooms.spark.test/sheep state=composing
              publish chat_state_changed,jid:den@rooms.spark.test,nick:sheep,state:composing
            room gone den@rooms.spark.test/sheep
              publish occupant_left,room:den@rooms.spark.test,nick:sheep,leaving:{reason:left
              publish chat_state_changed,jid:den@rooms.spark.test,nick:sheep
            room said den@rooms.spark.test/wolf state=composing
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf,state:composing
            room gone den@rooms.spark.test/me self lost
              publish chat_state_changed,jid:den@rooms.spark.test,nick:wolf
              publish room_changed,room:{jid:den@rooms.spark.test,name:The Den,state:joining,nick:me,role:participant,affiliation:none,occupant_id:o1,occupants:2,has_archive:true
              Join { to: Jid("den@rooms.spark.test/me, password: None, history: Nothing, availability: Available, status: None }
        "#]],
    );
}

/// A new tab sees those who write already in its snapshot, which has the same summaries.
#[test]
fn who_writes_is_part_of_the_conversation_but_not_everybody() {
    let mut script = String::new();
    for number in 10..31 {
        let _ = write!(
            script,
            "- room here den@rooms.spark.test/n{number} id=i{number}
             - room said den@rooms.spark.test/n{number} state=composing\n"
        );
    }
    script += "room said den@rooms.spark.test/n30 state=composing
         - room said den@rooms.spark.test/n10 state=active
         room said den@rooms.spark.test/n30 state=composing
         room writing den@rooms.spark.test";
    check_in(
        &script,
        expect![[r#"
        room said den@rooms.spark.test/n30 state=composing
        room said den@rooms.spark.test/n30 state=composing
          publish chat_state_changed,jid:den@rooms.spark.test,nick:n30,state:composing
        room writing den@rooms.spark.test
          n11 n12 n13 n14 n15 n16 n17 n18 n19 n20 n21 n22 n23 n24 n25 n26 n27 n28 n29 n30
    "#]],
    );
}

#[test]
fn a_room_is_told_that_the_person_writes_if_all_there_know_each_other() {
    for (about, own, expected) in [
        (
            "members known",
            "",
            expect![[r#"
            typing den@rooms.spark.test
              message den@rooms.spark.test new1 in-room state=Composing
              done
            send den@rooms.spark.test s1 hm
              publish message_added den@rooms.spark.test Outgoing s1 "hm" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              message den@rooms.spark.test s1 in-room body=hm state=Active
              answer Pending
        "#]],
        ),
        (
            "members known",
            "visitor",
            expect![[r#"
            typing den@rooms.spark.test
              done
            send den@rooms.spark.test s1 hm
              publish message_added den@rooms.spark.test Outgoing s1 "hm" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              message den@rooms.spark.test s1 in-room body=hm
              answer Pending
        "#]],
        ),
        (
            "members",
            "",
            expect![[r#"
            typing den@rooms.spark.test
              done
            send den@rooms.spark.test s1 hm
              publish message_added den@rooms.spark.test Outgoing s1 "hm" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              message den@rooms.spark.test s1 in-room body=hm
              answer Pending
        "#]],
        ),
        (
            "known",
            "",
            expect![[r#"
            typing den@rooms.spark.test
              done
            send den@rooms.spark.test s1 hm
              publish message_added den@rooms.spark.test Outgoing s1 "hm" at 0 Pending
              publish conversation_changed den@rooms.spark.test "The Den" unread=0 read=-
              message den@rooms.spark.test s1 in-room body=hm
              answer Pending
        "#]],
        ),
    ] {
        check(
            &format!(
                "- reset
                 - roster 2 romeo@spark.test
                 - page 4 complete
                 - room join den@rooms.spark.test nick=me
                 - room about FetchRoomInfo {about}
                 - room here den@rooms.spark.test/me self id=o1 {own}
                 - room said den@rooms.spark.test subject=
                 typing den@rooms.spark.test
                 send den@rooms.spark.test s1 hm"
            ),
            expected,
        );
    }
}
