//! What was said before anybody signed in: a few days of it, so that there is history to page through.

use protocol::TimestampMs;

use super::people;
use super::seed::{Said, SaidInRoom};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A day's talk: how many days ago, at which hour of the day, and the lines, each with who says it.
type Scene = (i64, i64, &'static [(&'static str, &'static str)]);

const SCENES: [Scene; 5] = [
    (
        6,
        21,
        &[
            ("romeo", "Was that you on the balcony just now?"),
            ("juliet", "Maybe. Were you the rustling in the orchard?"),
            ("romeo", "It was a very polite rustling."),
            ("juliet", "You climbed the wall again, didn't you"),
            ("romeo", "It's a low wall"),
            ("juliet", "It is ten feet"),
            ("romeo", "It felt lower on the way in 😅"),
            ("juliet", "Go home before somebody sees you. And text me when you're there."),
            ("romeo", "Home. One sleeve short, otherwise whole."),
            ("juliet", "❤️"),
        ],
    ),
    (
        4,
        9,
        &[
            ("juliet", "Nurse wants to know what she should tell you"),
            (
                "romeo",
                "That I'm at the Friar's this afternoon, and that it would be a good time to confess something",
            ),
            ("juliet", "I have nothing to confess"),
            ("romeo", "Then bring something"),
            (
                "juliet",
                "Things to remember:\n• the ladder\n• the key to the garden gate\n• not to say anything at dinner\n• really not to say anything at dinner",
            ),
            ("romeo", "You forgot the rings"),
            ("juliet", "I did not forget the rings"),
        ],
    ),
    (
        3,
        17,
        &[
            (
                "romeo",
                "The road is longer than it looks on the map: https://maps.example.com/verona-mantua?by=horse&via=everywhere",
            ),
            ("juliet", "How long?"),
            (
                "romeo",
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft long",
            ),
            ("juliet", "That isn't Italian"),
            ("romeo", "The innkeeper is from far away"),
            ("juliet", "שלום לו ממני"),
            ("romeo", "I'll tell him 🙂"),
            ("juliet", "🦜"),
        ],
    ),
    (
        1,
        22,
        &[
            ("juliet", "It's not near day yet"),
            ("romeo", "That was the lark"),
            ("juliet", "It was the nightingale. She sings on the pomegranate tree every night, ask anybody"),
            ("romeo", "Look at the light in the east"),
            ("juliet", "Somebody left a lamp on"),
            ("romeo", "Let me be caught, then. I'm happy if you are."),
            ("juliet", "No, go. It IS the lark. It's out of tune, too."),
        ],
    ),
    (
        0,
        8,
        &[
            ("romeo", "Good morning"),
            ("juliet", "Good morning! Parting was less sweet than people say"),
            ("romeo", "Tonight?"),
            ("juliet", "Tonight. Use the gate."),
        ],
    ),
];

/// Small talk, for the days before: enough that a conversation does not fit on one page.
const SMALL_TALK: [&str; 12] = [
    "Are you still awake?",
    "Always",
    "What are you reading?",
    "A book of sonnets. The lines are too short to fall asleep on.",
    "Read me one",
    "Later. Mercutio is looking over my shoulder",
    "Tell him hello",
    "He says your cousin still owes him a fencing lesson",
    "Oh no",
    "He's laughing, I think it's fine",
    "I'll go and look at the moon now",
    "It's the same one from here",
];

/// What was said on the square, yesterday and today.
const SQUARE: [Scene; 2] = [
    (
        1,
        16,
        &[
            ("escalus", "The market moves to Saturday. Tell everybody you know."),
            ("benvolio", "Saturday it is"),
            ("mercutio", "I know everybody, so this will take a while"),
            ("laurence", "I'll have thyme, rosemary and a very good sage"),
            ("rosaline", "Is the baker coming?"),
            ("benvolio", "He always comes"),
            ("mercutio", "He comes for the sage"),
            ("juliet", "Can somebody bring me figs? I'm not supposed to leave the house"),
            ("rosaline", "I'll drop some off 🙂"),
            ("juliet", "Thank you! ❤️"),
        ],
    ),
    (
        0,
        7,
        &[
            (
                "benvolio",
                "Whoever left a ladder against the Capulets' wall: it is in the way of the fig cart",
            ),
            ("mercutio", "No idea whose that is. Romeo?"),
            ("romeo", "It's a very ordinary ladder. It could be anybody's."),
            ("escalus", "It is gone by noon, whosever it is"),
            ("romeo", "Gone by noon"),
            ("rosaline", "The figs are at the gate"),
        ],
    ),
];

/// All that was said on the square, in order.
pub(super) fn on_the_square(now_ms: TimestampMs) -> Vec<SaidInRoom> {
    let today = now_ms - now_ms.rem_euclid(DAY);
    let mut said = Vec::new();
    for (days_ago, hour, lines) in SQUARE {
        for (line, (from, text)) in (0..).zip(lines) {
            let at_ms = today - days_ago * DAY + hour * 60 * MINUTE + line * 3 * MINUTE;
            said.push(SaidInRoom {
                from: (*from).to_owned(),
                nick: people::nick(from).to_owned(),
                at_ms: at_ms.min(now_ms - MINUTE),
                body: (*text).to_owned(),
            });
        }
    }
    said
}

/// All that was said, each conversation in order.
pub(super) fn conversations(now_ms: TimestampMs) -> Vec<Said> {
    let mut said = Vec::new();
    let today = now_ms - now_ms.rem_euclid(DAY);
    let mut say = |from: &str, to: &str, at_ms: TimestampMs, body: &str| {
        // Nothing was said in the future, whatever the hour is now.
        let at_ms = at_ms.min(now_ms - MINUTE);
        said.push(Said { from: from.to_owned(), to: to.to_owned(), at_ms, body: body.to_owned() });
    };
    for day in (7..15).rev() {
        for (line, text) in (0..).zip(SMALL_TALK) {
            let (from, to) = if line % 2 == 0 { ("juliet", "romeo") } else { ("romeo", "juliet") };
            say(from, to, today - day * DAY + 20 * 60 * MINUTE + line * 3 * MINUTE, text);
        }
    }
    for (days_ago, hour, lines) in SCENES {
        for (line, (from, text)) in (0..).zip(lines) {
            let to = if *from == "romeo" { "juliet" } else { "romeo" };
            say(from, to, today - days_ago * DAY + hour * 60 * MINUTE + line * 2 * MINUTE, text);
        }
    }
    for (line, (from, to, text)) in (0..).zip([
        ("nurse", "juliet", "Your mother is looking for you"),
        ("juliet", "nurse", "Tell her I'm asleep"),
        ("nurse", "juliet", "At noon?"),
        ("juliet", "nurse", "Deeply"),
        ("mercutio", "romeo", "Where did you go? You missed the best part of the feast"),
        ("romeo", "mercutio", "I don't think I did"),
    ]) {
        say(from, to, today - DAY + (12 * 60 + line * 2) * MINUTE, text);
    }
    said
}
