//! Editing the contact list, and its versions.

use expect_test::expect;
use protocol::{
    AnswerSubscriptionRequest, Contact, SetContact, SetSubscription, SubscriptionAnswer, SubscriptionRequests,
};

use super::*;
use crate::session::contacts::{ContactSet, ContactsCommand};

/// `name=…`, `groups=a,b`, `subscribe` of a line.
fn edit(words: &[&str]) -> SetContact {
    let options = options(words);
    SetContact {
        name: options.get("name").map(|name| text(&name.replace(' ', "_"))),
        groups: options.get("groups").map(|groups| match groups.strip_prefix('#') {
            Some(count) => (0..count.parse().unwrap()).map(|n: u32| n.to_string()).collect(),
            None => groups.split(',').map(text).collect(),
        }),
        subscribe: words.contains(&"subscribe"),
    }
}

fn brief(contact: &Contact) -> String {
    let pending = if contact.pending { " pending" } else { "" };
    format!("{} {:?} {:?} {:?}{pending}", contact.jid, contact.name, contact.groups, contact.subscription)
}

fn show_requests(requests: &SubscriptionRequests) -> String {
    let lines = requests.requests.iter().map(|request| {
        format!("{} {:?} {:?} at {}", request.jid, request.name, request.text, request.received_at_ms)
    });
    format!("requests {:?}", lines.collect::<Vec<_>>())
}

fn flag(words: &[&str], name: &str) -> Option<bool> {
    options(words).get(name).map(|value| value == "true")
}

impl Script {
    pub(super) fn contacts_line(&mut self, words: &[&str]) -> Input {
        let jid = |at: usize| words[at].parse::<BareJid>().unwrap();
        let show_done = |result: Result<(), SessionError>| match result {
            Ok(()) => "done".to_owned(),
            Err(error) => format!("refused: {error}"),
        };
        match words[0] {
            "set" => command(ContactsCommand::SetContact {
                jid: jid(1),
                contact: edit(&words[2..]),
                reply: self.reply(|result: Result<ContactSet, SessionError>| match result {
                    Ok(ContactSet { contact, is_new: true }) => format!("new {}", brief(&contact)),
                    Ok(ContactSet { contact, is_new: false }) => brief(&contact),
                    Err(error) => format!("refused: {error}"),
                }),
            }),
            "remove" => command(ContactsCommand::RemoveContact { jid: jid(1), reply: self.reply(show_done) }),
            "subscription" => command(ContactsCommand::SetSubscription {
                jid: jid(1),
                subscription: SetSubscription { to: flag(words, "to"), from: flag(words, "from") },
                reply: self.reply(show_done),
            }),
            "requests" => command(ContactsCommand::SubscriptionRequests {
                reply: self.reply(|requests: SubscriptionRequests| show_requests(&requests)),
            }),
            "accept" | "decline" => command(ContactsCommand::AnswerSubscriptionRequest {
                jid: jid(1),
                answer: AnswerSubscriptionRequest {
                    answer: match words[0] {
                        "accept" => SubscriptionAnswer::Accept,
                        _ => SubscriptionAnswer::Decline,
                    },
                    subscribe: words.contains(&"subscribe"),
                },
                reply: self.reply(show_done),
            }),
            // A stream that offers all there is.
            "reset-with-all" => Input::Stream(StreamEvent::Reset {
                bound: "juliet@spark.test/s1".parse().unwrap(),
                in_doubt: vec![],
                offers: Offers { roster_versions: true, pre_approval: true },
            }),
            "done" => self.answer(words, Ok(Answered::Done)),
            "unchanged" => self.answer(words, Ok(Answered::RosterUnchanged)),
            "roster-of" => self.answer(
                words,
                Ok(Answered::Roster {
                    version: Some(RosterVersion(words[2].to_owned())),
                    items: words[3..].iter().map(|jid| item(jid, "both")).collect(),
                }),
            ),
            "push-of" => incoming(Incoming::RosterPush {
                item: item(words[2], words[3]),
                version: Some(RosterVersion(words[1].to_owned())),
            }),
            "not-sent" => Input::NotSent(Outgoing::Request {
                id: self.asked(words[1]),
                request: Request::EnableCarbons(EnableCarbons),
            }),
            "named" => incoming(Incoming::Nickname { jid: jid(1), name: words[2].to_owned() }),
            _ => self.blocks_line(words),
        }
    }
}

#[test]
fn a_contact_is_added_edited_and_removed() {
    check(
        &up("named juliet@spark.test Jule
         set nurse@spark.test name=_The_Nurse_ groups=Servants,,Servants,Capulets
         done SetRosterItem
         push nurse@spark.test none
         set nurse@spark.test name=Angelica subscribe
         push nurse@spark.test none
         done SetRosterItem
         done Ping
         set tybalt@spark.test
         push tybalt@spark.test none
         done SetRosterItem
         set romeo@spark.test groups= subscribe
         done SetRosterItem
         set romeo@spark.test name=EMPTY
         done SetRosterItem
         remove romeo@spark.test
         done RemoveRosterItem
         push romeo@spark.test remove
         remove romeo@spark.test
         refuse RemoveRosterItem gone
         snapshot"),
        expect![[r#"
            named juliet@spark.test Jule
              publish own_name_changed,name:Jule
            set nurse@spark.test name=_The_Nurse_ groups=Servants,,Servants,Capulets
              ask 9 SetRosterItem { jid: nurse@spark.test, name: Some("The Nurse, groups: ["Servants", "Capulets"] }
            done SetRosterItem
              publish contact_changed nurse@spark.test None
              new nurse@spark.test Some("The Nurse") ["Servants", "Capulets"] None
            push nurse@spark.test none
              publish contact_changed nurse@spark.test None
            set nurse@spark.test name=Angelica subscribe
              ask 10 SetRosterItem { jid: nurse@spark.test, name: Some("Angelica, groups: [] }
            push nurse@spark.test none
            done SetRosterItem
              publish contact_changed nurse@spark.test None
              Subscription { to: nurse@spark.test, change: Subscribe, name: Some("Jule }
              ask 11 Ping
            done Ping
              nurse@spark.test Some("Angelica") [] None
            set tybalt@spark.test
              ask 12 SetRosterItem { jid: tybalt@spark.test, name: None, groups: [] }
            push tybalt@spark.test none
              publish contact_changed tybalt@spark.test None
            done SetRosterItem
              new tybalt@spark.test None [] None
            set romeo@spark.test groups= subscribe
              ask 13 SetRosterItem { jid: romeo@spark.test, name: None, groups: [] }
            done SetRosterItem
              romeo@spark.test None [] Both
            set romeo@spark.test name=EMPTY
              ask 14 SetRosterItem { jid: romeo@spark.test, name: None, groups: [] }
            done SetRosterItem
              romeo@spark.test None [] Both
            remove romeo@spark.test
              ask 15 RemoveRosterItem { jid: romeo@spark.test }
            done RemoveRosterItem
              publish contact_removed,jid:romeo@spark.test
              done
            push romeo@spark.test remove
            remove romeo@spark.test
              ask 16 RemoveRosterItem { jid: romeo@spark.test }
            refuse RemoveRosterItem gone
              refused: the XMPP server knows nothing by that name
            snapshot
              contact nurse@spark.test Offline
              contact tybalt@spark.test Offline
        "#]],
    );
}

#[test]
fn edits_have_bounds() {
    check(
        &up("set nurse@spark.test name=LONG
         set nurse@spark.test name=NUL
         set nurse@spark.test groups=a,LONG
         set nurse@spark.test groups=#65
         set nurse@spark.test name=Angelica
         lost SetRosterItem
         set nurse@spark.test name=Angelica
         not-sent SetRosterItem
         suspend
         set nurse@spark.test
         remove nurse@spark.test
         subscription nurse@spark.test to=true"),
        expect![[r#"
            set nurse@spark.test name=LONG
              refused: the name is longer than 1024 bytes
            set nurse@spark.test name=NUL
              refused: the text has a control character that XMPP can't carry
            set nurse@spark.test groups=a,LONG
              refused: the name of a group is longer than 1024 bytes
            set nurse@spark.test groups=#65
              refused: there are more than 64 groups
            set nurse@spark.test name=Angelica
              ask 9 SetRosterItem { jid: nurse@spark.test, name: Some("Angelica, groups: [] }
            lost SetRosterItem
              refused: the connection to the XMPP server was lost
            set nurse@spark.test name=Angelica
              ask 10 SetRosterItem { jid: nurse@spark.test, name: Some("Angelica, groups: [] }
            not-sent SetRosterItem
              refused: the XMPP server did not answer in time
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            set nurse@spark.test
              refused: the session's connection is down; it is being brought back
            remove nurse@spark.test
              refused: the session's connection is down; it is being brought back
            subscription nurse@spark.test to=true
              refused: the session's connection is down; it is being brought back
        "#]],
    );
}

#[test]
fn who_sees_whom_is_as_the_person_says() {
    check(
        &up("subscription romeo@spark.test to=true from=true
         subscription romeo@spark.test to=false
         done Ping
         push romeo@spark.test from
         subscription romeo@spark.test from=false to=true
         done Ping
         subscription nurse@spark.test from=true
         presence nurse@spark.test subscribe
         subscription nurse@spark.test from=true
         done Ping
         subscription mercutio@spark.test from=false to=false
         - reset-with-all
         - roster FetchRoster
         subscription mercutio@spark.test from=true
         refuse Ping gone
         subscription mercutio@spark.test from=false
         done Ping"),
        expect![[r#"
            subscription romeo@spark.test to=true from=true
              done
            subscription romeo@spark.test to=false
              Subscription { to: romeo@spark.test, change: Unsubscribe, name: None }
              ask 9 Ping
            done Ping
              done
            push romeo@spark.test from
              publish contact_changed romeo@spark.test From
            subscription romeo@spark.test from=false to=true
              Subscription { to: romeo@spark.test, change: Unsubscribed, name: None }
              Subscription { to: romeo@spark.test, change: Subscribe, name: None }
              ask 10 Ping
            done Ping
              done
            subscription nurse@spark.test from=true
              refused: the XMPP server has no such feature
            presence nurse@spark.test subscribe
              publish subscription_requested,request:{jid:nurse@spark.test,received_at_ms:0
            subscription nurse@spark.test from=true
              Subscription { to: nurse@spark.test, change: Subscribed, name: None }
              ask 11 Ping
            done Ping
              publish subscription_request_closed,jid:nurse@spark.test
              done
            subscription mercutio@spark.test from=false to=false
              done
            subscription mercutio@spark.test from=true
              Subscription { to: mercutio@spark.test, change: Subscribed, name: None }
              ask 20 Ping
            refuse Ping gone
              refused: the XMPP server knows nothing by that name
            subscription mercutio@spark.test from=false
              Subscription { to: mercutio@spark.test, change: Unsubscribed, name: None }
              ask 21 Ping
            done Ping
              done
        "#]],
    );
}

#[test]
fn a_roster_is_fetched_from_its_version_on() {
    check(
        "reset-with-all
         roster-of FetchRoster v1 romeo@spark.test nurse@spark.test
         push-of v2 nurse@spark.test remove
         - page QueryArchive
         presence romeo@spark.test/x away
         suspend
         reset-with-all
         unchanged FetchRoster
         snapshot
         reset
         - roster FetchRoster romeo@spark.test
         reset-with-all",
        expect![[r#"
            reset-with-all
              ask 1 EnableCarbons
              ask 2 FetchRoster { version: Some(RosterVersion(") }
              ask 3 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 4 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 5 FetchNickname { jid: juliet@spark.test }
              ask 6 FetchReadMarks
              ask 7 FetchBlocks
              ask 8 FetchAvatarHash { jid: juliet@spark.test }
            roster-of FetchRoster v1 romeo@spark.test nurse@spark.test
              publish roster_replaced 2
            push-of v2 nurse@spark.test remove
              publish contact_removed,jid:nurse@spark.test
            presence romeo@spark.test/x away
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            reset-with-all
              publish connection_changed,connection:{state:online
              ask 9 EnableCarbons
              ask 10 FetchRoster { version: Some(RosterVersion("v2) }
              ask 11 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 12 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 13 FetchNickname { jid: juliet@spark.test }
              ask 14 FetchReadMarks
              ask 15 FetchBlocks
              ask 16 FetchAvatarHash { jid: juliet@spark.test }
            unchanged FetchRoster
              publish roster_replaced 1
            snapshot
              contact romeo@spark.test Offline
            reset
              ask 17 EnableCarbons
              ask 18 FetchRoster { version: None }
              ask 19 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 20 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 21 FetchNickname { jid: juliet@spark.test }
              ask 22 FetchReadMarks
              ask 23 FetchBlocks
              ask 24 FetchAvatarHash { jid: juliet@spark.test }
            reset-with-all
              ask 25 EnableCarbons
              ask 26 FetchRoster { version: Some(RosterVersion(") }
              ask 27 FetchBookmarks
              Presence { availability: Available, status: None }
              Inactive
              ask 28 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 29 FetchNickname { jid: juliet@spark.test }
              ask 30 FetchReadMarks
              ask 31 FetchBlocks
              ask 32 FetchAvatarHash { jid: juliet@spark.test }
        "#]],
    );
}
