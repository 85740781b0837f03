//! What the person says of themselves and looks like.

use bytes::Bytes;
use expect_test::expect;
use protocol::Profile;

use super::*;
use crate::session::profile::ProfileCommand;
use crate::xmpp::{Card, CardFormat, Info, Picture};

/// `full-name=… nickname=… note=… email=…` of a line.
fn profile(words: &[&str]) -> Profile {
    let options = options(words);
    let get = |key: &str| options.get(key).map(|value| text(&value.replace(' ', "_")));
    let emails = match options.get("emails").map(String::as_str) {
        Some("MANY") => (0..33).map(|n| format!("{n}@spark.test")).collect(),
        _ => get("email").into_iter().collect(),
    };
    Profile {
        full_name: get("full-name"),
        nickname: get("nickname"),
        note: get("note"),
        emails,
        ..Profile::default()
    }
}

fn picture(kib: usize) -> Picture {
    let mut bytes = b"GIF89a\x10\0\x10\0".to_vec();
    bytes.resize(bytes.len().max(kib * 1024), 0);
    Picture::new(Bytes::from(bytes)).unwrap()
}

fn show_done(result: Result<(), SessionError>) -> String {
    match result {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("refused: {error}"),
    }
}

impl Script {
    pub(super) fn profile_line(&mut self, words: &[&str]) -> Input {
        match words[0] {
            "profile" => command(ProfileCommand::Profile {
                jid: words.get(1).map(|word| word.parse().unwrap()),
                reply: self.reply(|result: Result<Profile, SessionError>| match result {
                    Ok(profile) => format!("profile {}", serde_json::to_string(&profile).unwrap()),
                    Err(error) => format!("refused: {error}"),
                }),
            }),
            "say" => command(ProfileCommand::SetProfile {
                profile: Box::new(profile(&words[1..])),
                reply: self.reply(show_done),
            }),
            "be-called" => {
                command(ProfileCommand::SetNickname { name: text(words[1]), reply: self.reply(show_done) })
            }
            "look" => command(ProfileCommand::SetAvatar {
                picture: words.get(1).map(|kib| picture(kib.parse().unwrap())),
                reply: self.reply(show_done),
            }),
            "looks" => command(ProfileCommand::CurrentAvatar {
                jid: words[1].parse().unwrap(),
                reply: self.reply(|result: Result<AvatarHash, SessionError>| match result {
                    Ok(hash) => format!("looks like {}", hash.0),
                    Err(error) => format!("refused: {error}"),
                }),
            }),
            "card-v4" => {
                let card = Card::empty(CardFormat::V4).with(&profile(&words[1..]));
                self.answer(&["", "FetchCard"], Ok(Answered::Card(Box::new(card))))
            }
            "card-temp" => {
                let card = Card::empty(CardFormat::Temp).with(&profile(&words[1..]));
                self.answer(&["", "FetchCard"], Ok(Answered::Card(Box::new(card))))
            }
            "says" => {
                let answer = Answered::Profile(Box::new(profile(&words[1..])));
                self.answer(&["", "FetchProfile"], Ok(answer))
            }
            "account-can" => {
                let features = words[1..].iter().map(|word| (*word).to_owned()).collect();
                let info = Box::new(Info { features, ..Info::default() });
                self.answer(&["", "DiscoverInfo"], Ok(Answered::Info(info)))
            }
            "own-avatar" => {
                let hash = words.get(1).map(|hash| AvatarHash((*hash).to_owned()));
                self.answer(&["", "FetchAvatarHash"], Ok(Answered::AvatarHash(hash)))
            }
            other => panic!("no such line: {other}"),
        }
    }
}

const CONVERSION: &str = "urn:xmpp:pep-vcard-conversion:0";

#[test]
fn a_profile_is_asked_for() {
    check(
        &up("profile romeo@spark.test
         says full-name=Romeo_Montague email=romeo@spark.test
         profile
         lost FetchProfile
         suspend
         profile"),
        expect![[r#"
            profile romeo@spark.test
              ask 9 FetchProfile { jid: romeo@spark.test }
            says full-name=Romeo_Montague email=romeo@spark.test
              profile {"full_name":"Romeo Montague","emails":["romeo@spark.test"]}
            profile
              ask 10 FetchProfile { jid: juliet@spark.test }
            lost FetchProfile
              refused: the connection to the XMPP server was lost
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            profile
              refused: the session's connection is down; it is being brought back
        "#]],
    );
}

#[test]
fn where_cards_are_kept_in_step_one_is_written() {
    check(
        &up("say full-name=_Juliet_ nickname=Jule
         card-v4 full-name=Giulietta note=Thirteen
         done PublishCard
         card-temp full-name=Juliet nickname=Jule
         done PublishNickname
         say full-name=Juliet nickname=Jule
         card-v4
         done PublishCard
         card-temp full-name=Juliet nickname=Jule"),
        expect![[r#"
            say full-name=_Juliet_ nickname=Jule
              ask 9 FetchCard { format: V4 }
            card-v4 full-name=Giulietta note=Thirteen
              ask 10 PublishCard { card: <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Juliet</text></fn><nickname><text>Jule</text></nickname></vcard> }
            done PublishCard
              ask 11 FetchCard { format: Temp }
            card-temp full-name=Juliet nickname=Jule
              ask 12 PublishNickname { name: "Jule" }
            done PublishNickname
              publish own_name_changed,name:Jule
              done
            say full-name=Juliet nickname=Jule
              ask 13 FetchCard { format: V4 }
            card-v4
              ask 14 PublishCard { card: <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Juliet</text></fn><nickname><text>Jule</text></nickname></vcard> }
            done PublishCard
              ask 15 FetchCard { format: Temp }
            card-temp full-name=Juliet nickname=Jule
              done
        "#]],
    );
}

#[test]
fn elsewhere_both_are_written_as_far_as_they_can_be() {
    check(
        &up("say full-name=Juliet
         card-v4
         done PublishCard
         card-temp email=juliet@spark.test
         done PublishCard
         say full-name=Juliet
         card-v4
         done PublishCard
         refuse FetchCard unsupported
         say full-name=Juliet
         refuse FetchCard unsupported
         card-temp
         done PublishCard
         say full-name=Juliet
         refuse FetchCard unsupported
         refuse FetchCard unsupported
         say full-name=Juliet
         card-v4
         lost PublishCard"),
        expect![[r#"
            say full-name=Juliet
              ask 9 FetchCard { format: V4 }
            card-v4
              ask 10 PublishCard { card: <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Juliet</text></fn></vcard> }
            done PublishCard
              ask 11 FetchCard { format: Temp }
            card-temp email=juliet@spark.test
              ask 12 PublishCard { card: <vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard> }
            done PublishCard
              done
            say full-name=Juliet
              ask 13 FetchCard { format: V4 }
            card-v4
              ask 14 PublishCard { card: <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Juliet</text></fn></vcard> }
            done PublishCard
              ask 15 FetchCard { format: Temp }
            refuse FetchCard unsupported
              done
            say full-name=Juliet
              ask 16 FetchCard { format: V4 }
            refuse FetchCard unsupported
              ask 17 FetchCard { format: Temp }
            card-temp
              ask 18 PublishCard { card: <vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard> }
            done PublishCard
              done
            say full-name=Juliet
              ask 19 FetchCard { format: V4 }
            refuse FetchCard unsupported
              ask 20 FetchCard { format: Temp }
            refuse FetchCard unsupported
              refused: the XMPP server has no such feature
            say full-name=Juliet
              ask 21 FetchCard { format: V4 }
            card-v4
              ask 22 PublishCard { card: <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Juliet</text></fn></vcard> }
            lost PublishCard
              refused: the connection to the XMPP server was lost
        "#]],
    );
}

#[test]
fn profiles_and_names_have_bounds() {
    check(
        &up("say full-name=LONG
         say email=NUL
         say emails=MANY
         say note=LONG
         be-called LONG
         be-called NUL
         be-called Jule
         done PublishNickname
         be-called EMPTY
         done PublishNickname
         be-called Jule
         refuse PublishNickname unsupported
         suspend
         be-called Jule
         say full-name=Juliet"),
        expect![[r#"
            say full-name=LONG
              refused: the full name is longer than 1024 bytes
            say email=NUL
              refused: the text has a control character that XMPP can't carry
            say emails=MANY
              refused: there are more than 32 emails
            say note=LONG
              refused: the note is longer than 8192 bytes
            be-called LONG
              refused: the name is longer than 1024 bytes
            be-called NUL
              refused: the text has a control character that XMPP can't carry
            be-called Jule
              ask 9 PublishNickname { name: "Jule" }
            done PublishNickname
              publish own_name_changed,name:Jule
              done
            be-called EMPTY
              ask 10 PublishNickname { name: "" }
            done PublishNickname
              publish own_name_changed,name:juliet
              done
            be-called Jule
              ask 11 PublishNickname { name: "Jule" }
            refuse PublishNickname unsupported
              refused: the XMPP server has no such feature
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            be-called Jule
              refused: the session's connection is down; it is being brought back
            say full-name=Juliet
              refused: the session's connection is down; it is being brought back
        "#]],
    );
}

#[test]
fn a_picture_is_published_and_taken_away() {
    check(
        &up(&format!(
            "own-avatar h1
         looks juliet@spark.test
         looks romeo@spark.test
         avatar romeo@spark.test h2
         looks romeo@spark.test
         look 1
         done PublishAvatarData
         done PublishAvatarMetadata
         account-can {CONVERSION}
         avatar juliet@spark.test {hash}
         look
         done PublishAvatarMetadata
         account-can {CONVERSION}
         looks juliet@spark.test",
            hash = picture(1).hash.0
        )),
        expect![[r#"
            own-avatar h1
              publish avatar_changed,jid:juliet@spark.test,avatar:h1
            looks juliet@spark.test
              looks like h1
            looks romeo@spark.test
              refused: there is no picture
            avatar romeo@spark.test h2
              publish avatar_changed,jid:romeo@spark.test,avatar:h2
            looks romeo@spark.test
              looks like h2
            look 1
              ask 9 PublishAvatarData { picture: image/gif of 1024 bytes }
            done PublishAvatarData
              ask 10 PublishAvatarMetadata { picture: Some(image/gif of 1024 bytes) }
            done PublishAvatarMetadata
              ask 11 DiscoverInfo { jid: Jid("juliet@spark.test, node: None }
            account-can urn:xmpp:pep-vcard-conversion:0
              Presence { availability: Available, status: None }
              publish avatar_changed,jid:juliet@spark.test,avatar:81d599eb47707d46c383ec7420974a30d102a184
              done
            avatar juliet@spark.test 81d599eb47707d46c383ec7420974a30d102a184
            look
              ask 12 PublishAvatarMetadata { picture: None }
            done PublishAvatarMetadata
              ask 13 DiscoverInfo { jid: Jid("juliet@spark.test, node: None }
            account-can urn:xmpp:pep-vcard-conversion:0
              Presence { availability: Available, status: None }
              publish avatar_changed,jid:juliet@spark.test
              done
            looks juliet@spark.test
              refused: there is no picture
        "#]],
    );
}

#[test]
fn elsewhere_the_vcard_has_the_picture_too() {
    check(
        &up("look 0
         done PublishAvatarData
         done PublishAvatarMetadata
         account-can
         card-temp full-name=Juliet
         done PublishCard
         be away
         look 0
         refuse PublishAvatarData unsupported
         card-temp
         refuse PublishCard unsupported
         look
         done PublishAvatarMetadata
         account-can
         card-temp
         done PublishCard"),
        expect![[r#"
            look 0
              ask 9 PublishAvatarData { picture: image/gif of 10 bytes }
            done PublishAvatarData
              ask 10 PublishAvatarMetadata { picture: Some(image/gif of 10 bytes) }
            done PublishAvatarMetadata
              ask 11 DiscoverInfo { jid: Jid("juliet@spark.test, node: None }
            account-can
              ask 12 FetchCard { format: Temp }
            card-temp full-name=Juliet
              ask 13 PublishCard { card: <vCard xmlns='vcard-temp'><FN>Juliet</FN><PHOTO><TYPE>image/gif</TYPE><BINVAL>R0lGODlhEAAQAA==</BINVAL></PHOTO></vCard> }
            done PublishCard
              Presence { availability: Available, status: None, photo: Some(Some(AvatarHash("3acd920c334c4aa65a4e1c8594c2fd7f36c0b95b)) }
              publish avatar_changed,jid:juliet@spark.test,avatar:3acd920c334c4aa65a4e1c8594c2fd7f36c0b95b
              done
            be away
              Presence { availability: Away, status: None, photo: Some(Some(AvatarHash("3acd920c334c4aa65a4e1c8594c2fd7f36c0b95b)) }
              publish own_presence_changed,presence:{availability:away
              Ok(())
            look 0
              ask 14 PublishAvatarData { picture: image/gif of 10 bytes }
            refuse PublishAvatarData unsupported
              ask 15 FetchCard { format: Temp }
            card-temp
              ask 16 PublishCard { card: <vCard xmlns='vcard-temp'><PHOTO><TYPE>image/gif</TYPE><BINVAL>R0lGODlhEAAQAA==</BINVAL></PHOTO></vCard> }
            refuse PublishCard unsupported
              refused: the XMPP server has no such feature
            look
              ask 17 PublishAvatarMetadata { picture: None }
            done PublishAvatarMetadata
              ask 18 DiscoverInfo { jid: Jid("juliet@spark.test, node: None }
            account-can
              ask 19 FetchCard { format: Temp }
            card-temp
              ask 20 PublishCard { card: <vCard xmlns='vcard-temp'/> }
            done PublishCard
              Presence { availability: Away, status: None, photo: Some(None) }
              publish avatar_changed,jid:juliet@spark.test
              done
        "#]],
    );
}

#[test]
fn a_picture_must_fit_into_a_stanza() {
    check(
        &up("look 190\nlook 189"),
        expect![[r#"
            look 190
              refused: the picture is larger than the XMPP server takes: 193536 bytes
            look 189
              ask 9 PublishAvatarData { picture: image/gif of 193536 bytes }
        "#]],
    );
}
