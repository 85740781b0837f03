//! What is pushed, and when: a rule of what happened, what the person has set, and whether anybody looks.

use protocol::{Notify, PushKind, PushSettings, PushShows, TimestampMs};

use super::attention::{ANSWER_MS, Gaze};
use super::content::Content;
use super::quiet;
use crate::events::MessageNotice;

/// What is done about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is pushed.
    Nothing,
    /// It is pushed then, if nobody looks by then.
    At(TimestampMs),
}

/// What is known of the person when something happens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) now_ms: TimestampMs,
    pub(super) settings: &'a PushSettings,
    pub(super) gaze: Gaze,
    /// For how long nobody must have looked.
    pub(super) unseen_ms: i64,
}

impl Standing<'_> {
    /// About a message.
    pub(super) fn about_message(&self, message: &MessageNotice) -> Verdict {
        let is_told = match message.notify {
            None | Some(Notify::Always) => true,
            Some(Notify::OnMention) => message.names_person,
            Some(Notify::Never) => false,
        };
        if !is_told || self.settings.muted.contains(&message.conversation) {
            return Verdict::Nothing;
        }
        self.when()
    }

    /// When what is told is told: once nobody has looked for long enough, and outside of quiet hours. Where somebody is said
    /// to look that is when they are asked, in time for an answer.
    pub(super) fn when(&self) -> Verdict {
        let at_ms = match self.gaze {
            Gaze::Claimed => self.now_ms.saturating_add((self.unseen_ms - ANSWER_MS).max(0)),
            Gaze::Since(since_ms) => since_ms.saturating_add(self.unseen_ms).max(self.now_ms),
            Gaze::Nobody => self.now_ms,
        };
        let quiet = self.settings.quiet.as_ref();
        Verdict::At(quiet.and_then(|quiet| quiet::end(quiet, at_ms)).unwrap_or(at_ms))
    }
}

/// What is shown of something, by what the person has set. What is not shown is not kept either.
pub(super) fn shown(content: Content, shows: PushShows) -> Content {
    match shows {
        PushShows::Everything => content,
        PushShows::Sender => Content { body: None, ..content },
        PushShows::Nothing => Content {
            kind: if content.kind == PushKind::Mention { PushKind::Message } else { content.kind },
            conversation: None,
            title: None,
            sender: None,
            body: None,
            message_id: None,
            at_ms: content.at_ms,
        },
    }
}

#[cfg(test)]
mod tests {
    use protocol::QuietHours;

    use super::*;

    fn message(in_room: bool, names_person: bool, notify: Option<Notify>) -> MessageNotice {
        MessageNotice {
            conversation: if in_room { "den@rooms.spark.test" } else { "romeo@spark.test" }.parse().unwrap(),
            title: "Romeo".to_owned(),
            sender: None,
            body: "hi".to_owned(),
            id: "m1".parse().unwrap(),
            archive: "juliet@spark.test".parse().unwrap(),
            entry: None,
            at_ms: 0,
            in_room,
            names_person,
            notify,
        }
    }

    const NOW: TimestampMs = 1_767_225_600_000;

    fn verdict(message: &MessageNotice, settings: &PushSettings, gaze: Gaze) -> Verdict {
        Standing { now_ms: NOW, settings, gaze, unseen_ms: 12_000 }.about_message(message)
    }

    #[test]
    fn a_message_is_pushed_by_what_is_set_for_its_conversation() {
        use Notify::{Always, Never, OnMention};
        for (in_room, names, notify, muted, expected) in [
            (false, false, None, "", true),
            (false, false, None, "romeo@spark.test", false),
            (false, false, None, "mercutio@spark.test", true),
            (true, false, None, "", true),
            (true, false, Some(Always), "", true),
            (true, false, Some(OnMention), "", false),
            (true, true, Some(OnMention), "", true),
            (true, true, Some(Never), "", false),
            (true, true, Some(Always), "den@rooms.spark.test", false),
        ] {
            let muted = if muted.is_empty() { Vec::new() } else { vec![muted.parse().unwrap()] };
            let settings = PushSettings { muted, ..PushSettings::default() };
            let found = verdict(&message(in_room, names, notify), &settings, Gaze::Nobody);
            let expected = if expected { Verdict::At(NOW) } else { Verdict::Nothing };
            assert_eq!(found, expected, "{in_room} {names} {notify:?} {:?}", settings.muted);
        }
    }

    #[test]
    fn it_is_pushed_when_nobody_has_looked_for_long_enough() {
        let hour = 3_600_000;
        let night = QuietHours { from_minute: 0, to_minute: 60, zone: "+00:00".to_owned() };
        for (gaze, quiet, expected) in [
            (Gaze::Nobody, false, NOW),
            // They are asked then.
            (Gaze::Claimed, false, NOW + 7_000),
            (Gaze::Since(NOW), false, NOW + 12_000),
            (Gaze::Since(NOW - 4_000), false, NOW + 8_000),
            (Gaze::Since(NOW - 12_000), false, NOW),
            (Gaze::Since(NOW - hour), false, NOW),
            // Midnight is in the quiet hours, and one o'clock is not.
            (Gaze::Nobody, true, NOW + hour),
            (Gaze::Claimed, true, NOW + hour),
        ] {
            let quiet = quiet.then(|| night.clone());
            let settings = PushSettings { quiet, ..PushSettings::default() };
            let found = verdict(&message(false, false, None), &settings, gaze);
            assert_eq!(found, Verdict::At(expected), "{gaze:?} {:?}", settings.quiet);
        }
    }

    #[test]
    fn no_more_is_shown_than_is_wanted() {
        let content = Content {
            kind: PushKind::Mention,
            conversation: Some("den@rooms.spark.test".parse().unwrap()),
            title: Some("The den".to_owned()),
            sender: Some("wolf".to_owned()),
            body: Some("juliet: hi".to_owned()),
            message_id: Some("m1".parse().unwrap()),
            at_ms: 7,
        };
        assert_eq!(shown(content.clone(), PushShows::Everything), content);
        let sender = Content { body: None, ..content.clone() };
        assert_eq!(shown(content.clone(), PushShows::Sender), sender);
        let nothing = Content::of(PushKind::Message, 7);
        assert_eq!(shown(content, PushShows::Nothing), nothing);
        let asked = Content { title: Some("Romeo".to_owned()), ..Content::of(PushKind::ContactRequest, 7) };
        assert_eq!(shown(asked, PushShows::Nothing), Content::of(PushKind::ContactRequest, 7));
    }
}
