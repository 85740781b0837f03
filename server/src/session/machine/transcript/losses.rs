//! a message that the server handed over is taken once, wherever in taking it something is lost.
//!
//! It is parsed, what it brings is appended to the log, it is counted as handled, and the count is acknowledged. Log and
//! counts end with the process (`docs/adr/0003`). What is left then is what the server has: its archive has the message
//! before it is handed over, and what was not acknowledged is handed over again, on a resumed stream or on a new one
//! (XEP-0198 section 5). With a real process, which is killed, `tests/src/losses/steps.rs` has the same.

use super::{Script, up};

/// The last step that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Parsed,
    Appended,
    Counted,
    Acknowledged,
}

/// What was lost then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// The stream, which goes on.
    Resumed,
    /// The stream, and what both sides knew of it.
    Reset,
    /// The gateway.
    Killed,
}

const BEFORE: &str = "a0 romeo@spark.test/x id=m0 body=before at=-9";
const ARCHIVED: &str = "a1 romeo@spark.test/x id=m1 body=hi at=-1";
const AGAIN: &str = "recv romeo@spark.test/x id=m1 body=hi archive=a1 at=-1";

/// Loses something after a step. How often the message was told since, and how often it is in the history.
fn lose(step: Step, loss: Loss, is_told_first: bool) -> (usize, usize) {
    let mut run = Script::new();
    let mut play = |script: &str| {
        let begun = run.out.len();
        let lines = script.lines().map(|line| line.trim().trim_start_matches("- "));
        for line in lines.filter(|line| !line.is_empty()) {
            if line == "killed" {
                // The next run of the gateway knows nothing.
                run.machine = Script::new().machine;
                run.asked.clear();
            } else {
                run.line(line);
            }
        }
        run.out[begun..].to_owned()
    };
    play(&up("recv romeo@spark.test/x id=m0 body=before archive=a0 at=-9"));
    let mut told = String::new();
    if step >= Step::Appended {
        told += &play("recv romeo@spark.test/x id=m1 body=hi archive=a1");
    }
    // A stream that is resumed knows what was counted, and a new one what was acknowledged.
    let comes_again = step < if loss == Loss::Resumed { Step::Counted } else { Step::Acknowledged };
    let again = if comes_again { AGAIN } else { "" };
    told = match loss {
        Loss::Resumed => told + &play(&format!("suspend\nresume\n{again}")),
        Loss::Reset | Loss::Killed => {
            let (loss, archived) = match loss {
                Loss::Killed => ("killed", format!("{BEFORE} | {ARCHIVED}")),
                _ => ("suspend", ARCHIVED.to_owned()),
            };
            let told = if loss == "killed" { String::new() } else { told };
            let archive = format!("page QueryArchive complete | {archived}");
            let (first, second) = if is_told_first { (again, &*archive) } else { (&*archive, again) };
            told + &play(&format!("{loss}\nreset\nroster FetchRoster romeo@spark.test\n{first}\n{second}"))
        }
    };
    let history =
        play(&format!("history romeo@spark.test\npage QueryArchive complete | {BEFORE} | {ARCHIVED}"));
    (
        told.matches("message_added romeo@spark.test Incoming m1").count(),
        history.matches("    Incoming m1").count(),
    )
}

#[test]
fn r_20_a_message_is_taken_once_whatever_is_lost_after_each_step() {
    for step in [Step::Parsed, Step::Appended, Step::Counted, Step::Acknowledged] {
        for loss in [Loss::Resumed, Loss::Reset, Loss::Killed] {
            for is_told_first in [true, false] {
                let (told, found) = lose(step, loss, is_told_first);
                let name =
                    format!("{step:?}, {loss:?}, handed over again before the archive: {is_told_first}");
                assert_eq!(found, 1, "{name}: in the history");
                match loss {
                    Loss::Resumed | Loss::Reset => assert_eq!(told, 1, "{name}: told"),
                    // Nobody who was told before is there; what the archive has is no news to the others.
                    Loss::Killed => assert!(told <= 1, "{name}: told {told} times"),
                }
            }
        }
    }
}
