//! Whom the person has blocked, which devices a contact has, when they were last there.

use expect_test::expect;
use protocol::{Blocks, ContactDetails, Jid, LastActivity};

use super::*;
use crate::session::blocks::BlocksCommand;
use crate::session::contacts::ContactsCommand;
use crate::xmpp::BlockChange;

fn jids(words: &[&str]) -> Vec<Jid> {
    words.iter().map(|word| word.parse().unwrap()).collect()
}

fn show_done(result: Result<(), SessionError>) -> String {
    match result {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("refused: {error}"),
    }
}

fn show_details(result: Result<ContactDetails, SessionError>) -> String {
    let details = match result {
        Ok(details) => details,
        Err(error) => return format!("refused: {error}"),
    };
    let mut text = format!("{} {:?}", details.contact.jid, details.contact.presence.availability);
    if details.blocked {
        text.push_str(" blocked");
    }
    for device in details.devices {
        let _ = write!(text, " [{} {:?} {}", device.resource, device.availability, device.priority);
        for word in [device.status, device.client].into_iter().flatten() {
            let _ = write!(text, " {word}");
        }
        text.push(']');
    }
    text
}

impl Script {
    pub(super) fn blocks_line(&mut self, words: &[&str]) -> Input {
        match words[0] {
            "blocks" => command(BlocksCommand::Blocks {
                reply: self.reply(|result: Result<Blocks, SessionError>| match result {
                    Ok(Blocks { blocks }) => {
                        format!("blocks {:?}", blocks.iter().map(Jid::as_str).collect::<Vec<_>>())
                    }
                    Err(error) => format!("refused: {error}"),
                }),
            }),
            "block" => {
                command(BlocksCommand::Block { jid: words[1].parse().unwrap(), reply: self.reply(show_done) })
            }
            "unblock" => command(BlocksCommand::Unblock {
                jid: words.get(1).map(|word| word.parse().unwrap()),
                reply: self.reply(show_done),
            }),
            "blocklist" => self.answer(&["", "FetchBlocks"], Ok(Answered::Blocks(jids(&words[1..])))),
            "blocked" => incoming(Incoming::Blocks(BlockChange::Blocked(jids(&words[1..])))),
            "unblocked" => incoming(Incoming::Blocks(BlockChange::Unblocked(jids(&words[1..])))),
            "all-unblocked" => incoming(Incoming::Blocks(BlockChange::AllUnblocked)),
            "contact" => command(ContactsCommand::Contact {
                jid: words[1].parse().unwrap(),
                reply: self.reply(show_details),
            }),
            "last-activity" => command(ContactsCommand::LastActivity {
                jid: words[1].parse().unwrap(),
                reply: self.reply(|result: Result<LastActivity, SessionError>| match result {
                    Ok(activity) => format!("{activity:?}"),
                    Err(error) => format!("refused: {error}"),
                }),
            }),
            "activity" => {
                let activity = LastActivity { ago_secs: words[1].parse().unwrap(), status: None };
                self.answer(&["", "FetchLastActivity"], Ok(Answered::LastActivity(activity)))
            }
            _ => self.profile_line(words),
        }
    }
}

#[test]
fn blocks_are_the_servers() {
    check(
        &up("blocklist romeo@spark.test
         blocklist tybalt@spark.test spam.example
         blocks
         block romeo@spark.test
         blocked romeo@spark.test
         done Block
         block mercutio@spark.test
         done Block
         blocked mercutio@spark.test
         unblock spam.example
         done Unblock
         unblock nurse@spark.test
         refuse Unblock gone
         unblocked mercutio@spark.test nurse@spark.test
         unblock
         done Unblock
         all-unblocked
         blocks
         suspend
         block romeo@spark.test
         reset
         blocklist"),
        expect![[r#"
            blocklist romeo@spark.test
              publish blocks_replaced,blocks:[romeo@spark.test]
            blocklist tybalt@spark.test spam.example
            blocks
              blocks ["romeo@spark.test"]
            block romeo@spark.test
              ask 9 Block { jid: Jid("romeo@spark.test }
            blocked romeo@spark.test
            done Block
              done
            block mercutio@spark.test
              ask 10 Block { jid: Jid("mercutio@spark.test }
            done Block
              publish jid_blocked,jid:mercutio@spark.test
              done
            blocked mercutio@spark.test
            unblock spam.example
              ask 11 Unblock { jid: Some(Jid("spam.example) }
            done Unblock
              done
            unblock nurse@spark.test
              ask 12 Unblock { jid: Some(Jid("nurse@spark.test) }
            refuse Unblock gone
              refused: the XMPP server knows nothing by that name
            unblocked mercutio@spark.test nurse@spark.test
              publish jid_unblocked,jid:mercutio@spark.test
            unblock
              ask 13 Unblock { jid: None }
            done Unblock
              publish blocks_replaced,blocks:[]
              done
            all-unblocked
            blocks
              blocks []
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            block romeo@spark.test
              refused: the session's connection is down; it is being brought back
            reset
              publish connection_changed,connection:{state:online
              ask 14 EnableCarbons
              ask 15 FetchRoster { version: None }
              ask 16 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 17 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 18 FetchNickname { jid: juliet@spark.test }
              ask 19 FetchReadMarks
              ask 20 FetchBlocks
              ask 21 FetchAvatarHash { jid: juliet@spark.test }
            blocklist
        "#]],
    );
}

#[test]
fn a_server_that_cannot_block_says_so() {
    check(
        &up("blocks
         refuse FetchBlocks unsupported
         blocks
         block romeo@spark.test
         refuse Block unsupported
         blocked romeo@spark.test
         snapshot"),
        expect![[r#"
            blocks
              ask 9 FetchBlocks
            refuse FetchBlocks unsupported
              refused: the XMPP server has no such feature
            blocks
              refused: the XMPP server has no such feature
            block romeo@spark.test
              ask 10 Block { jid: Jid("romeo@spark.test }
            refuse Block unsupported
              refused: the XMPP server has no such feature
            blocked romeo@spark.test
            snapshot
              contact romeo@spark.test Offline
        "#]],
    );
}

#[test]
fn who_is_blocked_hears_and_says_nothing() {
    check(
        &up("- blocklist spam.example
         presence romeo@spark.test/x there
         - recv romeo@spark.test/x id=m1 body=hi markable
         presence nurse@spark.test subscribe
         blocked romeo@spark.test nurse@spark.test
         send romeo@spark.test s1 hi
         send anybody@spam.example s2 hi
         typing romeo@spark.test
         read romeo@spark.test m1
         contact romeo@spark.test
         unblocked romeo@spark.test
         send romeo@spark.test s1 hi"),
        expect![[r#"
            presence romeo@spark.test/x there
              publish presence_changed,jid:romeo@spark.test,presence:{availability:available
            presence nurse@spark.test subscribe
              publish subscription_requested,request:{jid:nurse@spark.test,received_at_ms:0
            blocked romeo@spark.test nurse@spark.test
              publish jid_blocked,jid:romeo@spark.test
              publish jid_blocked,jid:nurse@spark.test
              publish subscription_request_closed,jid:nurse@spark.test
              publish presence_changed,jid:romeo@spark.test,presence:{availability:offline
            send romeo@spark.test s1 hi
              refused: the person has blocked whom this is for
            send anybody@spam.example s2 hi
              refused: the person has blocked whom this is for
            typing romeo@spark.test
              done
            read romeo@spark.test m1
              publish conversation_changed romeo@spark.test unread=0 read=m1
              done
            contact romeo@spark.test
              romeo@spark.test Offline blocked
            unblocked romeo@spark.test
              publish jid_unblocked,jid:romeo@spark.test
            send romeo@spark.test s1 hi
              publish message_added romeo@spark.test Outgoing s1 "hi" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=m1
              message romeo@spark.test s1 body=hi
              answer Pending
        "#]],
    );
}

#[test]
fn a_contact_has_devices() {
    check(
        &up("presence romeo@spark.test/phone away priority=5 client=https://phone.example
         presence romeo@spark.test/desk there
         presence romeo@spark.test/bot there priority=-1
         presence romeo@spark.test/car dnd
         contact romeo@spark.test
         presence romeo@spark.test/phone gone
         contact romeo@spark.test
         contact nurse@spark.test
         last-activity nurse@spark.test
         last-activity romeo@spark.test
         activity 903
         last-activity romeo@spark.test
         refuse FetchLastActivity unsupported"),
        expect![[r#"
            presence romeo@spark.test/phone away priority=5 client=https://phone.example
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/desk there
            presence romeo@spark.test/bot there priority=-1
            presence romeo@spark.test/car dnd
            contact romeo@spark.test
              romeo@spark.test Away [phone Away 5 https://phone.example] [desk Available 0] [car DoNotDisturb 0] [bot Available -1]
            presence romeo@spark.test/phone gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:available
            contact romeo@spark.test
              romeo@spark.test Available [desk Available 0] [car DoNotDisturb 0] [bot Available -1]
            contact nurse@spark.test
              refused: nobody of that address is in the roster
            last-activity nurse@spark.test
              refused: nobody of that address is in the roster
            last-activity romeo@spark.test
              ask 9 FetchLastActivity { jid: romeo@spark.test }
            activity 903
              LastActivity { ago_secs: 903, status: None }
            last-activity romeo@spark.test
              ask 10 FetchLastActivity { jid: romeo@spark.test }
            refuse FetchLastActivity unsupported
              refused: the XMPP server has no such feature
        "#]],
    );
}

#[test]
fn devices_are_bounded() {
    let mut machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(|| "x".parse().unwrap()));
    machine.roster_fetched(Answered::Roster { items: vec![item("romeo@spark.test", "both")], version: None });
    for n in 0..40 {
        let from = format!("romeo@spark.test/{n}");
        machine.step(0, incoming(Incoming::Presence(presence(&[&from, "there"]))));
    }
    let (reply, mut answer) = oneshot::channel();
    let jid = "romeo@spark.test".parse().unwrap();
    for effect in machine.step(0, command(ContactsCommand::Contact { jid, reply })) {
        let Effect::Answer(answer) = effect else { panic!("{effect:?}") };
        perform(answer);
    }
    assert_eq!(answer.try_recv().unwrap().unwrap().devices.len(), 32);
}
